"""Whether a service may act now: the committee's resolution and its dates."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from madang.model.city import Committee, ServiceSpec
from madang.model.decision import Permission


def permit(spec: ServiceSpec, committees: Mapping[str, Committee], at: datetime, *, time_zone: str) -> Permission | str:
    """The permission under which the service acts at `at`, or why it may not.

    A mandate's days are those of the city's calendar: it begins with the first and ends with the end of the last.
    """
    if not spec.enabled:
        return "switched off in services.toml"
    mandate = spec.mandate
    if mandate is None:
        return "no committee has given it a mandate"
    if mandate.committee not in committees:
        return f"its mandate is of '{mandate.committee}', which is no committee of this city"
    zone = ZoneInfo(time_zone)
    begin = datetime.combine(mandate.since, time(), zone)
    end = datetime.combine(mandate.until + timedelta(days=1), time(), zone)
    if at < begin:
        return f"its mandate {mandate.resolution} begins on {mandate.since.isoformat()}"
    if at >= end:
        return f"its mandate {mandate.resolution} ended on {mandate.until.isoformat()}"
    return Permission(committee=mandate.committee, resolution=mandate.resolution, until=end.astimezone(UTC))
