"""What the city's dataset declarations allow: every write and every read passes here (architecture, 3)."""

from collections.abc import Callable, Sequence

import msgspec

from madang.errors import BadRequestData, Forbidden
from madang.govern.caller import Caller, Role
from madang.govern.values import check_value
from madang.model.access import EVERYTHING, Access, Sight
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity
from madang.model.units import describe

DEFAULT = "*"
"""The type of the dataset that takes what no other declares."""


ALL = "*"
"""In a dataset's `history`: the past of every attribute is kept."""


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

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._by_type: dict[str, list[Dataset]] = {}
        for dataset in datasets:
            self._by_type.setdefault(dataset.type, []).append(dataset)
        self._rules: dict[tuple[str, ...], Rule] = {}
        self._access: dict[tuple[Role, str], Access] = {}

    @property
    def datasets(self) -> list[Dataset]:
        """All declarations."""
        return [dataset for group in self._by_type.values() for dataset in group]

    def check_write(self, caller: Caller, entity: Entity) -> None:
        """The entity may be written by the caller, as it is.

        Raises Forbidden, or BadRequestData that says what is wrong and what to do: an undeclared type or attribute, a
        unit that is not the declared one, a value that is no JSON value (NaN).
        """
        self.check_caller(caller)
        self.check_attributes(entity.types, entity)

    def check_caller(self, caller: Caller) -> None:
        """The caller may write at all. Raises Forbidden."""
        if caller.role == "public":
            raise Forbidden("the public reads; writing needs the role operator, service or system")

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
        """What the caller may see, and why: the store joins it to the query."""
        key = (caller.role, caller.name if caller.role == "service" else "")
        if key not in self._access:
            if len(self._access) >= 1000:
                self._access.clear()
            self._access[key] = self._open_to(caller)
        return self._access[key]

    def _of(self, type: str) -> list[Dataset]:
        found = self._by_type.get(type) or self._by_type.get(DEFAULT)
        if not found:
            declared = ", ".join(sorted(self._by_type)) or "none yet"
            raise BadRequestData(
                f"no dataset of this city declares the type '{type}' (declared: {declared}); add "
                f'datasets/<name>.toml with type = "{type}", or a default dataset with type = "*"'
            )
        return found

    def _open_to(self, caller: Caller) -> Access:
        if caller.role in ("operator", "system"):
            return EVERYTHING
        if caller.role == "service":
            reason = f"the service '{caller.name}' sees the datasets whose purposes name it"
            return self._restricted(lambda dataset: caller.name in dataset.purposes, reason)
        return self._restricted(
            lambda dataset: dataset.sensitivity == Sensitivity.PUBLIC, "without identity only public datasets are seen"
        )

    def _restricted(self, opens: Callable[[Dataset], bool], reason: str) -> Access:
        types = {type: _sight(group, opens) for type, group in self._by_type.items()}
        others = types.pop(DEFAULT, None)
        return Access(reason=reason, types=types, others=others)


def _rule(datasets: list[Dataset]) -> Rule:
    names: frozenset[str] | None = frozenset()
    units: dict[str, str] = {}
    history: frozenset[str] = frozenset()
    for dataset in datasets:
        names = None if names is None or not dataset.attributes else names | frozenset(dataset.attributes)
        units.update(dataset.units)
        history |= frozenset(dataset.history)
    return Rule(names, units, EVERY_NAME if ALL in history else history)


def _sight(datasets: list[Dataset], opens: Callable[[Dataset], bool]) -> Sight | None:
    shown = [dataset for dataset in datasets if opens(dataset)]
    closed = [dataset for dataset in datasets if not opens(dataset)]
    if not shown:
        return None
    if not closed:
        return Sight()
    hidden = frozenset(name for dataset in closed for name in dataset.attributes)
    if any(not dataset.attributes for dataset in shown):
        return Sight(None, hidden)
    return Sight(frozenset(name for dataset in shown for name in dataset.attributes), hidden)


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
