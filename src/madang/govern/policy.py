"""What the city's dataset declarations allow: every write and every read passes here (architecture, 3)."""

import secrets
from collections.abc import Collection, Mapping, Sequence

import msgspec

from madang.clock import WallClock
from madang.errors import BadRequestData, Forbidden
from madang.govern.access import DEFAULT, access
from madang.govern.caller import Caller, Role
from madang.govern.consents import Consents
from madang.govern.opening import CONSENT, Terms, counting
from madang.govern.values import check_value
from madang.model.access import Access
from madang.model.dataset import Dataset
from madang.model.entity import Attribute, Entity
from madang.model.units import describe

ALL = "*"
"""In a dataset's `history`: the past of every attribute is kept."""

_WHO: Mapping[Role, str] = {"public": "the public reads", "member": "a member reads, and writes what names its role"}


class _EveryName(frozenset[str]):
    """The set of all names."""

    def __contains__(self, name: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


EVERY_NAME = _EveryName()


class Rule(msgspec.Struct, frozen=True):
    """What the datasets of some types allow together: attribute names (None: any), units, and names whose past is
    kept."""

    names: frozenset[str] | None
    units: dict[str, str]
    history: frozenset[str]


class Policy:
    """Answers from the declarations; computed once for each set of types and each kind of caller."""

    def __init__(self, datasets: Sequence[Dataset], terms: Terms | None = None) -> None:
        self._by_type: dict[str, list[Dataset]] = {}
        for dataset in datasets:
            self._by_type.setdefault(dataset.type, []).append(dataset)
        self.terms = terms or Terms("", {}, secrets.token_bytes(32), Consents(WallClock().now))
        self._rules: dict[tuple[str, ...], Rule] = {}
        self._access: dict[Caller, Access] = {}

    @property
    def datasets(self) -> list[Dataset]:
        """All declarations."""
        return [dataset for group in self._by_type.values() for dataset in group]

    def check_write(self, caller: Caller, entity: Entity) -> None:
        """The entity may be written by the caller, as it is.

        Raises Forbidden, or BadRequestData that says what is wrong and what to do: an undeclared type or attribute, a
        unit that is not the declared one, a value that is no JSON value (NaN).
        """
        self.check_writer(caller, entity.types)
        self.check_attributes(entity.types, entity)

    def check_caller(self, caller: Caller) -> None:
        """The caller is one of the house: what concerns more than one dataset is theirs. Raises Forbidden."""
        if caller.role in ("public", "member"):
            raise Forbidden(f"{_WHO[caller.role]}; this needs the role operator, service or system")

    def check_subscriber(self, caller: Caller) -> None:
        """The caller may have subscriptions: it is of the house, or a member who is granted something. Raises
        Forbidden."""
        if caller.role != "member":
            return self.check_caller(caller)
        seen = self.read(caller)
        if seen.others is None and not any(seen.types.values()):
            raise Forbidden(f"the datasets grant '{caller.name}' nothing for {caller.purpose}")

    def check_totals(self, caller: Caller, types: Collection[str]) -> None:
        """None of these types is one of which the caller may know of many alone: what is worked out of each entity is a
        group of one. Raises Forbidden that says where to ask."""
        for dataset in (dataset for type in types for dataset in self._by_type.get(type, ())):
            if not self.read(caller).sees((dataset.type,)) and counting(dataset, caller, self.terms) is not None:
                raise Forbidden(
                    f"of '{dataset.type}' you may know of many and of nobody; these are aggregates of single entities:"
                    f" ask POST /datasets/{dataset.id}/statistics"
                )

    def agrees(self, caller: Caller, dataset: str, person: str) -> bool:
        """The person lets the caller see that dataset's data about them now, as far as it is theirs to say."""
        found = next((one for one in self.datasets if one.id == dataset), None)
        if found is None or found.legal_basis != CONSENT:
            return True
        return person == caller.subject or self.terms.consents.given(dataset, caller.purpose, person)

    def check_writer(self, caller: Caller, types: tuple[str, ...] | None = None) -> None:
        """The caller may write entities of these types (None: of any at all). Raises Forbidden."""
        if caller.role == "public":
            raise Forbidden("the public reads; writing needs the role operator, service or system")
        if caller.role != "member":
            return
        if types is None:
            groups = [self.datasets]
        else:
            groups = [self._by_type.get(type) or self._by_type.get(DEFAULT) or [] for type in types]
        if not all(any(not set(one.writers).isdisjoint(caller.roles) for one in group) for group in groups):
            what = "anything" if types is None else ", ".join(types)
            raise Forbidden(f"no dataset names a role of '{caller.name}' among its writers of {what}")

    def writes(self, caller: Caller, types: tuple[str, ...]) -> bool:
        """The caller may write entities of these types."""
        try:
            self.check_writer(caller, types)
        except Forbidden:
            return False
        return True

    def check_attributes(self, types: tuple[str, ...], entity: Entity) -> None:
        """The attributes may be written to an entity of these types. Raises BadRequestData."""
        rule = self.rule(types)
        names, units = rule.names, rule.units
        for name, instances in entity.attributes.items():
            if names is not None and name not in names:
                raise BadRequestData(_undeclared(types, name, names))
            declared = units.get(name)
            for instance in instances:
                if declared is not None and instance.unit_code not in (None, declared):
                    raise BadRequestData(_wrong_unit(types, name, instance, declared))
                if declared is not None and not _is_number(instance):
                    raise BadRequestData(_no_number(types, name, instance, declared))
                check_value(name, instance)

    def rule(self, types: tuple[str, ...]) -> Rule:
        """What is allowed for entities of these types. Raises BadRequestData where one is not declared."""
        found = self._rules.get(types)
        if found is None:
            found = _rule([dataset for type in types for dataset in self._of(type)])
            # Bounded: a default dataset lets callers make up types.
            if len(self._rules) < 10_000:
                self._rules[types] = found
        return found

    def read(self, caller: Caller) -> Access:
        """What the caller may see for its purpose, and why: the store joins it to the query."""
        found = self._access.get(caller)
        if found is None:
            if len(self._access) >= 1000:
                self._access.clear()
            found = self._access[caller] = access(self._by_type, caller, self.terms)
        return found

    def _of(self, type: str) -> list[Dataset]:
        found = self._by_type.get(type) or self._by_type.get(DEFAULT)
        if not found:
            declared = ", ".join(sorted(self._by_type)) or "none yet"
            raise BadRequestData(
                f"no dataset of this city declares the type '{type}' (declared: {declared}); add "
                f'datasets/<name>.toml with type = "{type}", or a default dataset with type = "*"'
            )
        return found


def _rule(datasets: list[Dataset]) -> Rule:
    names: frozenset[str] | None = frozenset()
    units: dict[str, str] = {}
    history: frozenset[str] = frozenset()
    for dataset in datasets:
        names = None if names is None or not dataset.attributes else names | frozenset(dataset.attributes)
        units.update(dataset.units)
        history |= frozenset(dataset.history)
        if dataset.history and dataset.subject not in ("", "id"):
            # A past that does not say whose it is could be neither told to that person nor erased.
            history |= {dataset.subject}
    return Rule(names, units, EVERY_NAME if ALL in history else history)


def _is_number(instance: Attribute) -> bool:
    """Whether the instance may have a unit: a number, a list of some, or null for what is not known."""
    value = instance.value
    items: list[object] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
    return all(item is None or (isinstance(item, (int, float)) and not isinstance(item, bool)) for item in items)


def _no_number(types: tuple[str, ...], name: str, instance: Attribute, declared: str) -> str:
    return (
        f"'{name}' of {', '.join(types)} is {str(instance.value)[:80]!r}; its dataset declares the unit "
        f"{describe(declared)}, so it must be a number"
    )


def _undeclared(types: tuple[str, ...], name: str, names: frozenset[str]) -> str:
    return (
        f"the attribute '{name}' is not declared for {' and '.join(types)} (declared: {', '.join(sorted(names))}); add "
        "it to the dataset's attributes, or leave it out"
    )


def _wrong_unit(types: tuple[str, ...], name: str, instance: Attribute, declared: str) -> str:
    return (
        f"'{name}' of {' and '.join(types)} is declared in {describe(declared)} and came in "
        f"{describe(instance.unit_code or '')}; convert the value, or correct the dataset's units"
    )
