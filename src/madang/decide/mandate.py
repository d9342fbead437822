"""Whether a service may act now: what its committees resolved, else the mandate in services.toml; and the dates."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from madang.model.city import Committee, ServiceSpec
from madang.model.decision import Permission
from madang.model.resolution import Act, Condition, Resolution
from madang.model.service import Command


def permit(
    spec: ServiceSpec,
    committees: Mapping[str, Committee],
    at: datetime,
    *,
    time_zone: str,
    acts: Sequence[Resolution] = (),
) -> Permission | str:
    """The permission under which the service acts at `at`, or why it may not.

    `acts` are the resolutions about it, the oldest first: the newest that applies counts. A suspension holds until it
    ends or a newer approval; after a revocation only a newer approval helps, whatever services.toml says. Without any,
    the mandate of services.toml counts: its days are those of the city's calendar, first and last included.
    """
    if not spec.enabled:
        return "switched off in services.toml"
    zone = ZoneInfo(time_zone)
    for act in reversed(acts):
        found = _by_act(act, committees, at, zone)
        if found is not None:
            return found
    return _by_file(spec, committees, at, zone)


def breach(permission: Permission, command: Command) -> str | None:
    """Which condition of the mandate the command would break, or None."""
    for condition in permission.conditions:
        if condition.targets and command.target not in condition.targets:
            return f"the mandate {permission.resolution} does not extend to {command.target}: {condition.text}"
        if condition.actions and command.action not in condition.actions:
            return f"the mandate {permission.resolution} does not allow '{command.action}': {condition.text}"
    return None


def _by_act(
    act: Resolution, committees: Mapping[str, Committee], at: datetime, zone: ZoneInfo
) -> Permission | str | None:
    """What the resolution says at `at`; None where it says nothing then."""
    named = f"by {act.committee}, resolution {act.id}"
    # What begins when it is passed has begun, also where a simulated city's clock starts anew before it.
    if at < act.since and act.since > act.at:
        return None
    if act.act is Act.REVOKE:
        return f"its mandate was revoked {named}: {act.reason}"
    over = act.until is not None and at >= act.until
    if act.act is Act.SUSPEND:
        end = f" until {_day(act.until, zone)}" if act.until else ""
        return None if over else f"suspended{end} {named}: {act.reason}"
    if act.committee not in committees:
        return f"its mandate is of '{act.committee}', which is no committee of this city"
    if act.until is None or over:
        return f"its mandate {act.id} ended on {_day(act.until or act.since, zone)}"
    for condition in act.conditions:
        if not _is_within(condition, at.astimezone(zone).time()):
            return f"its mandate {act.id} does not hold at this time of the day: {condition.text}"
    return Permission(committee=act.committee, resolution=act.id, until=act.until, conditions=act.conditions)


def _by_file(spec: ServiceSpec, committees: Mapping[str, Committee], at: datetime, zone: ZoneInfo) -> Permission | str:
    mandate = spec.mandate
    if mandate is None:
        return "no committee has given it a mandate"
    if mandate.committee not in committees:
        return f"its mandate is of '{mandate.committee}', which is no committee of this city"
    begin = datetime.combine(mandate.since, time(), zone)
    end = datetime.combine(mandate.until + timedelta(days=1), time(), zone)
    if at < begin:
        return f"its mandate {mandate.resolution} begins on {mandate.since.isoformat()}"
    if at >= end:
        return f"its mandate {mandate.resolution} ended on {mandate.until.isoformat()}"
    return Permission(committee=mandate.committee, resolution=mandate.resolution, until=end.astimezone(UTC))


def _is_within(condition: Condition, now: time) -> bool:
    if condition.between is None:
        return True
    start, end = (time.fromisoformat(text) for text in condition.between)
    return start <= now < end if start <= end else now >= start or now < end


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
