"""What people's acts mean for one service's runner: its permission now, and operators' overrides of its commands."""

from collections.abc import Sequence
from datetime import datetime

from madang.account.mandates import Mandates
from madang.decide.mandate import breach, permit
from madang.model.city import City, ServiceSpec
from madang.model.decision import Permission
from madang.model.resolution import Override
from madang.model.service import Command

OVERRIDE = "operator.override"
"""The rule that a command of an operator names."""


class Acts:
    """The acts about one service. `mandates` None: there are none, as in an evaluation."""

    def __init__(self, service: str, spec: ServiceSpec, city: City, mandates: Mandates | None) -> None:
        self._service = service
        self._spec = spec
        self._city = city
        self._mandates = mandates
        self._version = 0
        self._allowed: bool | None = None
        self._done: set[str] = set()

    def permission(self, at: datetime) -> Permission | str:
        """The permission at `at`, or why there is none."""
        acts = self._mandates.acts(self._service) if self._mandates else ()
        self._version = self._mandates.version if self._mandates else 0
        found = permit(self._spec, self._city.committees, at, time_zone=self._city.time_zone, acts=acts)
        self._allowed = isinstance(found, Permission)
        return found

    def changed(self, at: datetime) -> bool:
        """Whether since the last look there was an act, or the permission began or ended: then the service's turn is
        now, however rarely it decides otherwise."""
        if self._allowed is None:
            return False
        if self._mandates is not None and self._mandates.version != self._version:
            return True
        allowed, version = self._allowed, self._version
        now = isinstance(self.permission(at), Permission)
        self._allowed, self._version = allowed, version
        return now != allowed

    def commands(self, at: datetime) -> Sequence[Command]:
        """What operators want done instead, each once."""
        new = [one for one in self._overrides(at) if one.id not in self._done]
        self._done.update(one.id for one in new)
        return [
            Command(
                target=one.target,
                action=one.action,
                parameters=one.parameters,
                rule=OVERRIDE,
                reason=f"{one.by} overrode {one.decision} until {one.until.isoformat()}: {one.reason}",
            )
            for one in new
        ]

    def refuse(self, permission: Permission, command: Command, at: datetime) -> str | None:
        """Why people's acts do not let the command pass, or None."""
        if command.rule == OVERRIDE:
            return None
        for one in self._overrides(at):
            if one.target == command.target:
                return f"overridden by {one.by} ({one.id}): {one.reason}"
        return breach(permission, command)

    def _overrides(self, at: datetime) -> Sequence[Override]:
        return self._mandates.overrides(self._service, at) if self._mandates else ()
