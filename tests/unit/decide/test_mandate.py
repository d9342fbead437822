"""Whether a service may act at a time: the newest act that applies counts; services.toml only where there is none."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from madang.decide.mandate import breach, permit
from madang.model.city import Committee, Mandate, ServiceSpec
from madang.model.decision import Permission
from madang.model.resolution import Act, Condition, Resolution
from madang.model.service import Command

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
FILE = ServiceSpec(
    mandate=Mandate(committee="board", resolution="2026-1", since=date(2026, 1, 1), until=date(2026, 12, 31))
)
BOARDS = {"board": Committee(title={"en": "Board"}, members=("a",), quorum=1)}


def act(kind: str, n: int, since: datetime = AT, until: datetime | None = None, **more: Any) -> Resolution:
    fields: dict[str, Any] = {
        "committee": "board",
        "service": "lamps",
        "reason": "because",
        "at": AT - 100 * DAY,
        **more,
    }
    if kind == "approve" and until is None:
        until = since + 10 * DAY
    return Resolution(id=f"r{n}", act=Act(kind), since=since, until=until, **fields)


def now(*acts: Resolution, at: datetime = AT, spec: ServiceSpec = FILE) -> str:
    """The resolution under which it may act, or why not."""
    found = permit(spec, BOARDS, at, time_zone="Europe/Berlin", acts=acts)
    return found.resolution if isinstance(found, Permission) else found


def test_the_newest_act_counts() -> None:
    approve, suspend, again = act("approve", 1), act("suspend", 2, AT + DAY), act("approve", 3, AT + 2 * DAY)
    acts = (approve, suspend, again)
    assert now() == now(*acts, at=AT - DAY) == "2026-1", "before them the file's"
    assert now(*acts) == "r1"
    assert "suspended by board, resolution r2: because" in now(*acts, at=AT + DAY)
    assert now(*acts, at=AT + 2 * DAY) == "r3"


def test_a_suspension_with_an_end_gives_back_what_was_before() -> None:
    acts = (act("approve", 1), act("suspend", 2, AT + DAY, AT + 2 * DAY))
    assert "suspended until 2026-05-03 10:00" in now(*acts, at=AT + DAY)
    assert now(*acts, at=AT + 2 * DAY) == "r1"
    assert now(act("suspend", 1, AT, AT + DAY), at=AT + DAY) == "2026-1"


def test_after_a_revocation_the_file_does_not_help() -> None:
    assert "revoked by board" in now(act("revoke", 1), at=AT + 100 * DAY)
    assert "revoked by board" in now(act("approve", 1), act("suspend", 2), act("revoke", 3))
    assert now(act("revoke", 1), act("approve", 2, AT + DAY), at=AT + DAY) == "r2"
    assert "ended" in now(act("revoke", 1), act("approve", 2, AT + DAY), at=AT + 11 * DAY)


def test_an_approval_ends_with_its_last_moment() -> None:
    approve = act("approve", 1, AT, AT + DAY)
    assert now(approve, at=AT + DAY - timedelta(microseconds=1)) == "r1"
    assert "its mandate r1 ended on 2026-05-02 10:00" in now(approve, at=AT + DAY)


def test_an_act_binds_though_the_citys_clock_starts_anew_before_it() -> None:
    passed = replace(act("suspend", 1), at=AT)
    assert "suspended" in now(passed, at=AT - DAY)


def test_a_service_that_is_off_stays_off() -> None:
    assert "switched off" in now(act("approve", 1), spec=ServiceSpec(enabled=False))


def test_a_committee_that_is_gone_permits_nothing_and_still_forbids() -> None:
    assert "no committee" in now(replace(act("approve", 1), committee="gone"))
    assert "suspended" in now(replace(act("suspend", 1), committee="gone"))


@pytest.mark.parametrize(
    ("between", "hour", "allowed"),
    [
        (("06:00", "20:00"), 3, False),
        (("06:00", "20:00"), 4, True),
        (("06:00", "20:00"), 18, False),
        (("20:00", "06:00"), 3, True),
        (("20:00", "06:00"), 4, False),
    ],
)
def test_hours_are_the_citys(between: tuple[str, str], hour: int, allowed: bool) -> None:
    approve = act("approve", 1, AT - DAY, conditions=(Condition(text="by day", between=between),))
    assert (now(approve, at=AT.replace(hour=hour)) == "r1") is allowed, "in Berlin it is two hours later"


def test_what_the_conditions_leave_out_is_refused() -> None:
    conditions = (Condition(text="one lamp", targets=("l1",)), Condition(text="no more", actions=("stage",)))
    found = permit(FILE, BOARDS, AT, time_zone="Europe/Berlin", acts=[act("approve", 1, conditions=conditions)])
    assert isinstance(found, Permission)
    command = Command(target="l1", action="stage", parameters={}, rule="r", reason="w")
    assert breach(found, command) is None
    assert "does not extend to l2: one lamp" in str(breach(found, replace(command, target="l2")))
    assert "does not allow 'detour'" in str(breach(found, replace(command, action="detour")))
