"""One breach under every law: each clock from its own moment; what is unsure says so and counts the earliest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from madang.app.regimes import matrix
from madang.cli import main
from madang.errors import BadRequestData, ResourceNotFound
from madang.govern.regimes import Deadline, Incident, Regime, deadlines

H = timedelta(hours=1)
AT = datetime(2026, 3, 1, 20, tzinfo=UTC)
AWARE, SUSPECTED, ASSESSED, TOLD = AT + 10 * H, AT + 6 * H, AT + 40 * H, AT + 50 * H
WHOLE = Incident(at=AT, aware=AWARE, suspected=SUSPECTED, assessed=ASSESSED, authority_told=TOLD)


def due(code: str, whom: str, incident: Incident = WHOLE) -> Deadline:
    (found,) = [one for one in deadlines(matrix(), [code], incident) if one.whom == whom]
    return found


@pytest.mark.parametrize(
    ("code", "whom", "expected", "sure"),
    [
        ("EU", "authority", AWARE + 72 * H, True),
        ("EU", "people", None, True),
        ("KR", "authority", AWARE + 72 * H, True),
        ("KR", "people", AWARE + 72 * H, True),
        ("KR", "authority, suspected breach", SUSPECTED + 72 * H, True),
        # The 3rd of March in Singapore: three days after that day end when the 7th begins there.
        ("SG", "authority", datetime(2026, 3, 6, 16, tzinfo=UTC), True),
        ("SG", "people", None, True),
        ("IN", "authority", AWARE + 72 * H, True),
        ("IN", "people", None, True),
        ("ID", "authority", AWARE + 72 * H, False),
        ("ID", "people", AWARE + 72 * H, False),
        ("JP", "authority", AWARE + 120 * H, True),
        ("JP", "authority, final report", AWARE + 720 * H, True),
        ("JP", "authority, final report of a malicious act", AWARE + 1440 * H, True),
        ("MY", "authority", AT + 72 * H, False),
        ("MY", "people", TOLD + 168 * H, True),
        ("PH", "authority", SUSPECTED + 72 * H, True),
        ("PH", "people", SUSPECTED + 72 * H, True),
        ("TH", "authority", AWARE + 72 * H, True),
        ("VN", "authority", AWARE + 72 * H, True),
        ("VN", "people", None, True),
    ],
)
def test_each_law_has_its_own_clock(code: str, whom: str, expected: datetime | None, sure: bool) -> None:
    found = due(code, whom)
    assert (found.due, found.sure) == (expected, sure)
    assert found.article and (found.certainty == "U") is not sure
    assert expected is not None or "without delay" in found.why


def test_singapores_clock_does_not_run_before_the_assessment() -> None:
    waiting = due("SG", "authority", Incident(aware=AWARE))
    assert waiting.due is None and "not made yet" in waiting.why
    assert "72 h would be 2026-03-06T12:00:00+00:00" in due("SG", "authority").why


def test_malaysias_people_are_told_after_the_authority() -> None:
    open_end = due("MY", "people", Incident(at=AT, aware=AWARE))
    assert open_end.due == AT + (72 + 168) * H and not open_end.sure and "at the latest" in open_end.why


def test_without_a_suspicion_there_is_no_clock_of_it() -> None:
    assert [one.whom for one in deadlines(matrix(), ["KR"], Incident(aware=AWARE))] == ["authority", "people"]
    assert due("PH", "authority", Incident(aware=AWARE)).due == AWARE + 72 * H


def test_the_earliest_comes_first_and_what_has_no_time_last() -> None:
    found = deadlines(matrix(), list(matrix()), WHOLE)
    times = [one.due for one in found]
    known = [time for time in times if time is not None]
    assert times == sorted(known) + [None] * (len(times) - len(known)) and len(known) >= 15
    assert {one.regime for one in found} == set(matrix())


def test_a_clock_in_words_that_nobody_knows_is_unsure() -> None:
    korea = matrix()["KR"]
    cell = msgspec.structs.replace(korea.cells["breach"], value={"authority_hours": 24, "clock": "the third moon"})
    odd: dict[str, Regime] = {"XX": msgspec.structs.replace(korea, code="XX", cells={"breach": cell})}
    found = deadlines(odd, ["XX"], WHOLE)[0]
    assert (found.due, found.certainty, found.sure) == (AWARE + 24 * H, "U", False) and "third moon" in found.why


@pytest.mark.parametrize(
    ("moments", "why"),
    [
        ({"aware": AT, "at": AWARE}, "before it occurred"),
        ({"aware": AWARE, "assessed": AT}, "before anybody is aware"),
        ({"aware": AT.replace(tzinfo=None)}, "offset"),
    ],
)
def test_moments_have_an_order(moments: dict[str, Any], why: str) -> None:
    with pytest.raises(BadRequestData, match=why):
        deadlines(matrix(), ["EU"], Incident(**moments))


def test_an_unknown_regime_is_said() -> None:
    with pytest.raises(ResourceNotFound, match="no regime 'ZZ'"):
        deadlines(matrix(), ["EU", "ZZ"], WHOLE)


def test_the_command_tells_them() -> None:
    given = ["regimes", "breach", "--aware", "2026-03-02T06:00:00Z", "--assessed", "2026-03-03T12:00:00Z", "kr", "sg"]
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(main, given)
    assert shown.exit_code == 0 and "2026-03-05 06:00" in shown.output and "2026-03-06 16:00" in shown.output
    as_json = msgspec.json.decode(CliRunner().invoke(main, [*given, "--json"]).output)
    assert as_json[0]["regime"] == "KR" and as_json[0]["due"] == "2026-03-05T06:00:00Z"
    assert CliRunner().invoke(main, ["regimes", "breach", "--aware", "yesterday", "KR"]).exit_code != 0
    # A clock is never cut, however narrow the terminal; a country is of its regime.
    narrow = CliRunner().invoke(main, [*given, "DE"], env={"COLUMNS": "80"}).output
    assert "2026-03-05 06:00" in narrow and "EU" in narrow and "…" not in narrow
