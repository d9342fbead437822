"""A city service in six words (architecture, 4), and what it is given and gives: view, command, decision.

A service is pure: ``decide`` computes from the view and its memory alone, so that any command can be computed again
from what was recorded.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.model.entity import Entity

Memory = Mapping[str, Any]
"""What a service keeps from one decision to the next: JSON values by key.

The key is the id of the entity that a command acts on, so that a record needs to keep that slice only; a command that
depends on other slices names them in ``memory_keys``.
"""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One entity type that a service reads, and which of its attributes. An `optional` one another service may bring:
    a city without it need not declare it."""

    type: str
    attributes: tuple[str, ...]
    optional: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The governed snapshot that a service decides on: the city's time and the entities it may see."""

    at: datetime
    entities: Mapping[str, Entity]
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])

    def of(self, type: str) -> list[Entity]:
        """The view's entities of that type."""
        return [entity for entity in self.entities.values() if type in entity.types]


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Something else that the service could have done, and its score (in the unit that the service states)."""

    label: str
    score: float
    parameters: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted change in the world, with its reason.

    `target` is the entity to change, `action` a verb of the actuator (``stage``, ``release``), `parameters` its JSON
    arguments. `rule` names the rule, `reason` says it in plain words, `inputs` are the (entity id, attribute) pairs it
    rests on, `expected` the expected effect by measure with its unit in the name (``waiting_s``).
    """

    target: str
    action: str
    parameters: Mapping[str, Any]
    rule: str
    reason: str
    inputs: tuple[tuple[str, str], ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    score_unit: str = ""
    expected: Mapping[str, float] = msgspec.field(default_factory=dict[str, float])
    memory_keys: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a service wants now: the changes (none is a decision too) and its memory for the next time.

    `published` are entities for the hub, for other services and for people: what it senses and weighs between changes.
    """

    commands: tuple[Command, ...]
    memory: Memory
    published: tuple[Entity, ...] = ()


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What a service's own model expects if this were done: a command's `action` and `parameters`, and what it means in
    words (`serves`). It can begin in `begins_s` seconds. `waits_vehicle_s` is what all wait from now until the horizon,
    `least_` and `most_` where something is not known (else the same), `approaches` the same by approach."""

    action: str
    parameters: Mapping[str, Any]
    serves: tuple[str, ...]
    begins_s: float
    waits_vehicle_s: float
    least_vehicle_s: float
    most_vehicle_s: float
    approaches: Mapping[str, float]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with a target at a moment, and what the model expects of each until `horizon_s` from then;
    `streets` names the approaches, `shown` is the stage at that moment."""

    horizon_s: float
    shown: str
    choices: tuple[Expectation, ...]
    streets: Mapping[str, str]


Decide = Callable[[View, Memory], Decision]
Expect = Callable[[View, Memory, str], Expected]
"""What the model expects of everything that may be done with a target. Raises MadangError where nothing can be said."""
Guard = Callable[[View, Command], str | None]
"""Says why the command may not be sent, or None."""


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that a service is judged by: `name` as in an evaluation, its unit, and whether less is better.

    Where an `attribute` with a history shows it, of a command's target or of `entity`, the effect of a decision is
    observed: its mean over `window_s` seconds before and after.
    """

    name: str
    title: str
    unit: str
    less_is_better: bool = True
    attribute: str = ""
    entity: str = ""
    window_s: float = 300.0


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Another control that a service is compared with, besides the fixed plan: the service itself with other
    `settings`, or where `actuated` the simulator's own. One that is `asked` for by name only is not among "all"."""

    name: str
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    actuated: bool = False
    asked: bool = False


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A city service: the six words. `every` is seconds of the city's time between two decisions; `baselines` are what
    an evaluation puts beside it. `prepare` does once, in the process that decides and before it is timed, what would
    make the first decision slow. `expect` answers people who ask what if. Without `field` its commands are words that
    other services read: they go through guards and mandate onto the record, and to no device."""

    name: str
    title: str
    version: str
    reads: tuple[Read, ...]
    writes: tuple[str, ...]
    every_s: float
    decide: Decide
    guards: tuple[Guard, ...]
    fallback: Callable[[View, Sequence[str]], tuple[Command, ...]]
    kpis: tuple[Kpi, ...]
    publishes: tuple[str, ...]
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    baselines: tuple[Baseline, ...] = ()
    prepare: Callable[[], None] | None = None
    expect: Expect | None = None
    field: bool = True
