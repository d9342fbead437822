"""Runs one service: view -> decide -> guards -> mandate -> record -> orders. The same for every service.

No decision record, no actuation: the orders that a tick returns were written to the ledger before it returned. A
service that fails, or that has no mandate, loses its leases and its fallback runs; the status says so and why.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from madang.account.ledger import Account, Outcome
from madang.account.mandates import Mandates
from madang.clock import monotonic_s
from madang.decide import record
from madang.decide.acts import Acts
from madang.decide.thinking import Mind, ServiceError, fallback
from madang.errors import MadangError
from madang.model.city import City, ServiceSpec
from madang.model.decision import DecisionRecord, Permission
from madang.model.service import Command, Decision, Memory, Service, View
from madang.model.world import Answer, Order

log = logging.getLogger(__name__)

RELEASE = "release"
"""The action that gives a target back to its own plan: it ends the lease instead of renewing it."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 3.0, 30.0
"""Wall seconds between a failure and the next try, doubled each time up to the longest; the fallback runs meanwhile."""


ANSWER_S = 5.0
"""An order that the field has not answered for so long, in the city's seconds, is lost and may be given again."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is: ``running``, or ``fallback`` and why; since when in the city's time."""

    status: str
    reason: str
    since: datetime


class Runner:
    """One service of one city, its memory, its leases and its status."""

    def __init__(
        self, service: Service, *, city: City, account: Account, mind: Mind, mandates: Mandates | None = None
    ) -> None:
        self.service = service
        self.spec = city.services.get(service.name, ServiceSpec())
        self.settings = {**service.settings, **self.spec.settings}
        self.status: Status | None = None
        self.permission: Permission | None = None
        self.leased: frozenset[str] = frozenset()
        self._city = city
        self._account = account
        self._mind = mind
        self._acts = Acts(service.name, self.spec, city, mandates)
        self._memory: Memory = {}
        self._due: datetime | None = None
        self._failures = 0
        self._resume_s = 0.0
        self._refusals: dict[str, tuple[str, str]] = {}
        self._pending: dict[str, DecisionRecord] = {}

    def due(self, at: datetime) -> bool:
        """Whether the service is to decide at `at`: it is time, or its mandate has changed since."""
        return self._due is None or at >= self._due or self._acts.changed(at)

    async def tick(self, view: View) -> tuple[tuple[Order, ...], Decision | None]:
        """Let the service decide on the view; the orders to send (all on record) and what it decided.

        Never raises for what the service does; the ledger's errors do come through: without a record nothing is sent.
        """
        self._due = view.at + timedelta(seconds=self.service.every_s)
        permission = self._acts.permission(view.at)
        if isinstance(permission, str):
            return await self._fall_back(view, permission), None
        if monotonic_s() < self._resume_s:
            return await self._fall_back(view, self.status.reason if self.status else "restarting"), None
        try:
            decision = await self._mind.decide(view, self._memory)
        except ServiceError as failure:
            self._pause(failure)
            return await self._fall_back(view, f"the service failed: {failure.detail}"), None
        self._failures, self.permission = 0, permission
        self._say(view.at, "running", "")
        orders = await self._carry_out(view, decision, permission)
        self._memory = decision.memory
        return orders, decision

    async def settle(self, answers: Sequence[Answer], at: datetime) -> None:
        """Put on record what the field did with this service's orders."""
        known = [answer for answer in answers if answer.decision in self._pending]
        outcomes = [Outcome(decision=a.decision, at=at, refused=a.refused) for a in known]
        targets = {a.decision: self._pending.pop(a.decision).target for a in known}
        for answer in known:
            if answer.refused is not None:
                log.info("the field refused %s of %s: %s", answer.decision, answer.target, answer.refused)
        await self._account.conclude(outcomes, targets=targets)

    def world_changed(self) -> None:
        """A new world has come: nothing that was known of the old one holds."""
        self._memory, self.leased, self._due = {}, frozenset(), None
        self._pending.clear()
        self._refusals.clear()

    def forget(self, gone: Sequence[str]) -> None:
        """These targets have left the world: there is nothing to keep of them."""
        self.leased = self.leased - frozenset(gone)
        for target in gone:
            self._refusals.pop(target, None)

    def suspend(self, at: datetime, reason: str) -> None:
        """There is nothing to act on: the status says why."""
        self.leased = frozenset()
        self._say(at, "fallback", reason)

    async def close(self) -> None:
        """Stop the service's mind."""
        await self._mind.close()

    async def _carry_out(self, view: View, decision: Decision, permission: Permission) -> tuple[Order, ...]:
        drafts: list[DecisionRecord] = []
        under_way = self._under_way(view.at)
        for command in (*self._acts.commands(view.at), *decision.commands):
            if (command.target, command.action, command.parameters) in under_way:
                continue
            refused = self._acts.refuse(permission, command, view.at) or self._refuse(view, command)
            if refused is None or self._refusals.get(command.target) != (command.action, refused):
                drafts.append(self._draft(view, command, permission, refused))
            if refused is None:
                self._refusals.pop(command.target, None)
            else:
                # A service that insists every second is put on record once, not every second.
                self._refusals[command.target] = (command.action, refused)
        return await self._put_on_record(drafts)

    def _under_way(self, at: datetime) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Orders that the field has not answered yet: a service asks again where the world runs ahead of it."""
        lost = [id for id, record in self._pending.items() if (at - record.at).total_seconds() > ANSWER_S]
        for id in lost:
            del self._pending[id]
        return [(record.target, record.action, record.parameters) for record in self._pending.values()]

    async def _fall_back(self, view: View, reason: str) -> tuple[Order, ...]:
        self._say(view.at, "fallback", reason)
        self.permission = None
        targets, self.leased = sorted(self.leased), frozenset()
        if not targets:
            return ()
        commands = fallback(self.service, view, targets)
        return await self._put_on_record([self._draft(view, command, None, None) for command in commands])

    async def _put_on_record(self, drafts: Sequence[DecisionRecord]) -> tuple[Order, ...]:
        written = await self._account.write(drafts)
        sent = [decision for decision in written if decision.refused is None]
        released = {decision.target for decision in sent if decision.action == RELEASE}
        self.leased = (self.leased | {decision.target for decision in sent}) - released
        self._pending.update((decision.id, decision) for decision in sent)
        return tuple(Order(decision=d.id, target=d.target, action=d.action, parameters=d.parameters) for d in sent)

    def _draft(
        self, view: View, command: Command, permission: Permission | None, refused: str | None
    ) -> DecisionRecord:
        memory: Mapping[str, object] = {
            key: self._memory[key] for key in (command.target, *command.memory_keys) if key in self._memory
        }
        return record.draft(self.service, view, command, permission=permission, refused=refused, memory=memory)

    def _refuse(self, view: View, command: Command) -> str | None:
        target = view.entities.get(command.target)
        if target is None or not set(target.types) & set(self.service.writes):
            return f"{self.service.name} may only act on {', '.join(self.service.writes)} that it sees"
        for guard in self.service.guards:
            try:
                refusal = guard(view, command)
            except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
                refusal = f"the guard {guard.__name__} could not tell: {type(error).__name__}: {error}"
            if refusal is not None:
                return refusal
        return None

    def _pause(self, failure: MadangError) -> None:
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**self._failures)
        self._failures += 1
        self._resume_s = monotonic_s() + pause_s
        log.warning("service %s failed (%s); next try in %s s", self.service.name, failure.detail, pause_s)

    def _say(self, at: datetime, status: str, reason: str) -> None:
        if self.status is None or (self.status.status, self.status.reason) != (status, reason):
            self.status = Status(status=status, reason=reason, since=at)
