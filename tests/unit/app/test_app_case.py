"""Project files with mistakes: each is told with its line and what to do, all at once; and files that are right."""

from pathlib import Path

import msgspec
import pytest

from madang.account import evidence
from madang.app.case import case_of, financed_of, presets
from madang.appraise.case.build import Case
from madang.errors import AppraisalInvalid

HEAD = """
[project]
title = "A bridge"
currency = "EUR"
price_year = 2026
first_year = 2026
years = 10
entity = "city"
economic_rate = 0.05
financial_rate = 0.04
"""
COST = """
[[stream]]
name = "works"
kind = "cost"
role = "capex"
owner = "city"
amount = 100
years = 1
"""
TIME = """
[[input]]
name = "hour"
value = 10
unit = "EUR / h"
source = "a guideline"
mark = "verified"

[[stream]]
name = "time"
kind = "benefit"
category = "time"
owner = "users"
tier = "non_market"
amount = 3
times = ["hour"]
start = 2027
"""
PLAN = """
[project]
currency = "EUR"
first_year = 2026
capex = [150]
revenue = [100, 100, 100]
opex = [10, 10, 10]

[[tranche]]
name = "bank"
kind = "commercial"
amount = 100
rate = 0.1
grace = 0
tenor = 2

[[tranche]]
name = "city"
kind = "equity"
amount = "balance"
"""
MEASURED = """
[[input]]
name = "holds"
value = 0.5
unit = "share"
source = "a guess"
mark = "assumption"

[[evidence]]
name = "e"
file = "FILE"
sha256 = "HASH"

[[measured]]
name = "saved"
evidence = "e"
figure = "delay_s"
transfer = "holds"

[[stream]]
name = "minutes"
kind = "benefit"
category = "time"
owner = "users"
times = ["saved", "hour"]
"""


def case(folder: Path, text: str) -> Case:
    file = folder / "p.toml"
    file.write_text(text)
    return case_of(file)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(AppraisalInvalid) as error:
        case(folder, text)
    return error.value.detail


def measured(folder: Path, **other: object) -> str:
    """The text of a project on an evidence file in the folder: 36 s less for 1000 vehicles of two hours."""

    def each(*values: float) -> dict[str, object]:
        return {"mean": sum(values) / len(values), "values": values}

    body = {
        "service": "signals",
        "hours": 2.0,
        "seeds": [1, 2, 3],
        "runs": {
            "fixed": {"vehicles": each(900, 1000, 1100), **dict.fromkeys(("delay_s", "bus_delay_s"), each(90, 90, 90))},
            "actuated": {"vehicles": each(1000, 1000, 1000), "delay_s": each(60, 60, 60)},
            "signals": dict.fromkeys(("delay_s", "bus_delay_s"), each(54, 54, 54)),
        },
        "effect": {"delay_s": each(-36, -36, -36), "bus_delay_s": each(-9, -10, -11), "stops": each(0, 0, 0)},
        "against": {"actuated": {"delay_s": each(-3.6, -3.6, -3.6)}},
        "provenance": {},
        **other,
    }
    file = evidence.write(body, folder, name="e")
    told = msgspec.json.decode(file.read_bytes(), type=dict[str, object])["sha256"]
    return (
        HEAD
        + COST
        + TIME.replace('"time"\nowner', '"other"\nowner')
        + MEASURED.replace("FILE", file.name).replace("HASH", str(told))
    )


@pytest.mark.parametrize(
    "before, after, line, words",
    [
        ("amount = 100", 'amount = "100k"', 17, "must be a number, not '100k' (write a plain number"),
        ("amount = 100", "amount = nan", 17, "is nan, which is no number"),
        ("amount = 100", "amount = 1e300", 17, "at most 1e+15"),
        ("start = 2027", "growth = 1e10", 35, "growth is 1e+10"),
        ("economic_rate = 0.05", "economic_rate = -0.05", 9, "negative: write a share of 0 or more"),
        ("economic_rate = 0.05", 'economic_rate = "0.05:x"', 9, "no discount rate"),
        ("economic_rate = 0.05\n", "", 2, "write economic_rate = 0.05 for 5 % a year"),
        ("financial_rate = 0.04", 'preset = "adb"', 2, "the preset 'adb' has none"),
        ("financial_rate = 0.04", 'preset = "abd"', 10, "one of: adb"),
        ("price_year = 2026\n", 'prices = "nominal"\npreset = "eu"\n', 5, ""),
        ("amount = 100\nyears = 1", "amounts = { 2026 = 60, 2028 = 40 }", 17, "2027 missing between the years (write"),
        ("amount = 100\nyears = 1", "amounts = { 2026 = 60, 2040 = 40 }", 17, "for 2040 (calendar years from 2026"),
        ("amount = 100", "amounts = { 2026 = 60 }", 17, "leave out years"),
        ("amount = 100", 'amount = 100\ncurrency = "USD"', 18, "'works' is in USD, the project in EUR (add"),
        ('"EUR / h"', '"USD / h"', 20, "mixed currencies: 'hour' is in USD"),
        ('role = "capex"\n', "", 12, "has no role"),
        ('times = ["hour"]', 'times = ["hours"]', 34, "one of: hour"),
        ('times = ["hour"]', 'times = ["hour", "hour"]', 34, "twice"),
        ('amount = 3\ntimes = ["hour"]\n', "", 27, "there is no money in 'time'"),
        ("start = 2027", "start = 2036", 35, "a calendar year from 2026 to 2035"),
        ('mark = "verified"', 'mark = "sure"', 25, "one of verified, secondary, from memory, assumption"),
        ('value = 10\n', "", 20, "'hour' has no value"),
        ('entity = "city"', 'entity = "state"', 8, "one of: city, users"),
        ("years = 10", "years = 1", 7, "from 2 to 200"),
        ("years = 10", 'years = "10"', 7, "without quotes"),
        ('owner = "city"', 'owner = ""', 16, "the owner has no name"),
        ("title", "tilte", 3, "did you mean 'title'?"),
        ('title = "', 'title = " " # "', 3, "say in a few words what is built"),
        ("amount = 100", "amount = 100\nvat = 19", 18, "vat is 19 (a share from 0 to 1: 0.19 for 19 %)"),
        ("economic_rate = 0.05", "economic_rate = 5", 9, "100 % a year or more (write 0.09 for 9 %)"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line_and_its_remedy(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    text = HEAD + COST + TIME
    assert before in text
    if before.startswith("price_year"):
        told = refused(
            tmp_path, text.replace("economic_rate = 0.05\nfinancial_rate = 0.04\n", "").replace(before, after)
        )
        assert "nominal prices with the real economic rate of a preset" in told
        return
    told = refused(tmp_path, text.replace(before, after))
    assert f"{tmp_path / 'p.toml'}:{line}: " in told
    assert words in told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, (HEAD + COST + TIME).replace("0.05", "-1").replace("start = 2027", "start = 1999"))
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    "category, words",
    [
        ("land_value", "land is worth more because the time is saved"),
        ("revenue", "make the revenue a transfer"),
        ("time", None),
        ("co2", None),
    ],
)
def test_a_benefit_counted_twice_is_refused(tmp_path: Path, category: str, words: str | None) -> None:
    more = TIME[TIME.index("[[stream]]") :].replace('"time"', '"more"', 1).replace('"time"', f'"{category}"')
    text = HEAD + COST + TIME + more.replace("amount = 3", "amount = 4")
    if words is None:
        assert len(case(tmp_path, text).project.streams) == 3
    else:
        assert words in refused(tmp_path, text)
    assert "counted twice" in refused(tmp_path, text.replace("amount = 4", "amount = 3"))


def test_fuel_and_carbon_are_told_apart_or_refused(tmp_path: Path) -> None:
    fuel = COST.replace("works", "fuel").replace("cost", "benefit").replace('role = "capex"', 'category = "fuel"')
    carbon = fuel.replace('"fuel"', '"co2"').replace("100", "5")
    told = refused(tmp_path, HEAD + COST + fuel + carbon)
    assert "a price of fuel with a price of carbon in it" in told
    assert 'excludes = ["co2"]' in told
    assert case(tmp_path, HEAD + COST + fuel + 'excludes = ["co2"]\n' + carbon)


def test_a_measured_gain_is_its_figure_times_the_vehicles(tmp_path: Path) -> None:
    found = case(tmp_path, measured(tmp_path))
    (saved,) = [one for one in found.drivers if one.name == "saved"]
    assert saved.value == pytest.approx(36 * 1000 / 3600 / 2)
    assert saved.trail is not None
    assert saved.trail.gains == pytest.approx((4.5, 5.0, 5.5))
    # Student's t with 2 degrees of freedom: 4.302653 * 0.5 / sqrt(3) on each side.
    assert saved.trail.interval == pytest.approx((5 - 1.242069, 5 + 1.242069), abs=1e-6)
    assert saved.spread.numbers[1] * 5 * 1.959964 == pytest.approx(1.242069, abs=1e-6)
    minutes = found.project.streams[-1]
    assert minutes.amount == pytest.approx(5 * 0.5 * 10)


def test_a_gain_may_be_against_another_control(tmp_path: Path) -> None:
    text = measured(tmp_path)
    found = case(tmp_path, text.replace('transfer = "holds"', 'transfer = "holds"\nagainst = "actuated"'))
    (saved,) = [one for one in found.drivers if one.trail]
    assert saved.value == pytest.approx(3.6 * 1000 / 3600 / 2)
    told = refused(tmp_path, text.replace('transfer = "holds"', 'transfer = "holds"\nagainst = "nothing"'))
    assert "no 'nothing' to compare with (one of: fixed, actuated)" in told


def test_the_plan_of_the_money_is_read_beside_the_project(tmp_path: Path) -> None:
    text = (HEAD + COST).replace('entity = "city"', 'entity = "city"\nfinance = "money.toml"')
    found = case(tmp_path, text)
    with pytest.raises(AppraisalInvalid, match=r"money\.toml: is missing"):
        financed_of(found, tmp_path / "p.toml")
    (tmp_path / "money.toml").write_text(PLAN)
    financed = financed_of(found, tmp_path / "p.toml")
    assert financed is not None
    assert financed.cover.dscr_min is not None


def test_evidence_that_was_changed_or_is_another_is_refused(tmp_path: Path) -> None:
    text = measured(tmp_path)
    (file,) = tmp_path.glob("e-*.json")
    place = text[: text.index("file = ")].count("\n") + 1
    told = refused(tmp_path, text.replace('sha256 = "', 'sha256 = "0'))
    assert f"p.toml:{place + 1}: {file} is another evidence: its hash does not match" in told
    file.write_text(file.read_text().replace("-36", "-63"))
    assert f"p.toml:{place}: {file}: its content does not match its sha256" in refused(tmp_path, text)
    file.unlink()
    assert "no evidence can be read from it" in refused(tmp_path, text)


@pytest.mark.parametrize(
    "before, after, words",
    [
        ('"delay_s"', '"bus_delay_s"', "write count, the vehicles an hour"),
        ('"delay_s"', '"delay_s"\ncount = 3', "leave out count"),
        ('"delay_s"', '"bus_delay_s"\ncount = 0', "above 0"),
        ('"delay_s"', '"lateness"', "one of: delay_s, stops, bus_delay_s"),
        ('"delay_s"', '"stops"', "did not change at all"),
        ('transfer = "holds"', 'transfer = "all"', "how much of it holds on the streets"),
        ('evidence = "e"', 'evidence = "f"', "'f' is no [[evidence]] (one of: e)"),
        ('times = ["saved", "hour"]', 'times = ["saved", "hour"]\nshare = 1.5', "has a share of 1.5"),
    ],
)
def test_what_the_evidence_does_not_give_is_refused(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert words in refused(tmp_path, measured(tmp_path).replace(before, after))


def test_shares_of_an_effect_may_not_exceed_it(tmp_path: Path) -> None:
    text = measured(tmp_path)
    again = text[text.rindex("[[stream]]") :].replace("minutes", "hours").replace("users", "others")
    assert "take 2 of 'saved': counted twice" in refused(tmp_path, text + again)
    assert case(tmp_path, text + "share = 0.4\n" + again + "share = 0.6\n")


def test_correlations_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    text = measured(tmp_path).replace(
        'mark = "assumption"', 'mark = "assumption"\nuncertain = { shape = "uniform", numbers = [0, 2] }'
    )
    pairs = (("saved", "holds", 0.99), ("holds", "hour", 0.99), ("saved", "hour", -0.99))
    rows = (f'[[correlation]]\nbetween = ["{a}", "{b}"]\nvalue = {value}\n' for a, b, value in pairs)
    assert "contradict each other" in refused(tmp_path, text + "".join(rows))


def test_one_seed_has_no_interval(tmp_path: Path) -> None:
    one = {"mean": -36.0, "values": [-36.0]}
    runs = {"fixed": {"vehicles": {"mean": 1000.0, "values": [1000.0]}}}
    text = measured(tmp_path, seeds=[1], runs=runs, effect={"delay_s": one})
    assert "no interval (measure three seeds or more" in refused(tmp_path, text)


def test_other_money_comes_with_its_rate(tmp_path: Path) -> None:
    text = (HEAD + COST + TIME).replace('"EUR / h"', '"USD / h"')
    found = case(tmp_path, text + '[exchange.USD]\nrate = 0.9\nsource = "a bank"\nmark = "verified"\n')
    assert found.project.streams[1].amount == pytest.approx(27)
    assert [found.drivers[n].name for n in found.drives[1]] == ["hour", "EUR a USD"]


def test_growth_of_a_price_is_growth_of_its_streams(tmp_path: Path) -> None:
    found = case(tmp_path, (HEAD + COST + TIME).replace('"verified"', '"verified"\ngrowth = 0.02') + "growth = 0.01\n")
    assert found.project.streams[1].growth == pytest.approx(1.02 * 1.01 - 1)


def test_presets_name_parameters_of_the_book(tmp_path: Path) -> None:
    assert {"adb", "world-bank", "eu", "green-book", "korea-pfs", "us-dot"} <= set(presets())
    for name in presets():
        text = (HEAD + COST).replace("economic_rate = 0.05", f'preset = "{name}"')
        found = case(tmp_path, text)
        assert found.rates[0].source
        assert found.project.timing == presets()[name].timing


def test_the_example_city_has_a_project() -> None:
    found = case_of(Path(__file__).parents[3] / "cities" / "ingolstadt" / "projects" / "signals.toml")
    assert sum(one.trail is not None for one in found.drivers) >= 5
    assert not found.warnings
