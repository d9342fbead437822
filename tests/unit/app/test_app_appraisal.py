"""The commands of an appraisal on real files: what they print, and how they refuse."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.cli.appraisal import appraise, parameters

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


def told(*words: str | Path) -> Result:
    return CliRunner().invoke(appraise, [str(word) for word in words])


def test_plain_cash_flows_as_json(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("year,amount\n2025,-1000\n2026,2300\n2027,-1320\n")
    found = json.loads(told("cashflow", file, "--rate", "0.09", "--json").stdout)
    assert found["irr"] == [0.1, 0.2]
    assert found["npv"] == pytest.approx(-1000 + 2300 / 1.09 - 1320 / 1.09**2)
    assert {"npv", "irr", "mirr", "bcr", "switching", "conventions"} <= set(found)
    for timing, years in (("end", 1.0), ("mid", 0.5)):
        later = json.loads(told("cashflow", file, "--rate", "0.09", "--timing", timing, "--json").stdout)
        assert later["npv"] == pytest.approx(found["npv"] / 1.09**years)
        assert later["conventions"]["timing"] == timing
    lines = told("cashflow", file, "--rate", "0.09").stdout
    assert "10.0000 %, 20.0000 %" in lines


def test_the_mirr_may_have_its_own_rates(tmp_path: Path) -> None:
    file = tmp_path / "loan.csv"
    amounts = [-120000, 39000, 30000, 21000, 37000, 46000]
    file.write_text("year,amount\n" + "".join(f"{year},{amount}\n" for year, amount in enumerate(amounts)))
    words = ("cashflow", file, "--rate", "0.1", "--finance-rate", "0.10", "--reinvest-rate", "0.12", "--json")
    assert json.loads(told(*words).stdout)["mirr"] == pytest.approx(0.126094, abs=5e-7)


@pytest.mark.parametrize(
    "content, rate, words",
    [
        (b"year,amount\n2025,-1\n2027,2\n", "0.09", ":3: the year 2027 follows 2025"),
        (b"year,amount\n2025,-1\n2026,two\n", "0.09", ":3: the amount 'two' has text in it"),
        (b"year,amount\n2025,-1\n", "-0.01", "negative"),
        (b"year,amount\n2025,\xff\n", "0.09", ":2: is not UTF-8 text"),
        (None, "0.09", "no such file"),
    ],
)
def test_a_refusal_names_the_place_and_the_remedy(tmp_path: Path, content: bytes | None, rate: str, words: str) -> None:
    file = tmp_path / "flows.csv"
    if content is not None:
        file.write_bytes(content)
    found = told("cashflow", file, "--rate", rate)
    assert found.exit_code != 0
    assert words in found.stderr
    assert "Traceback" not in found.output


def test_a_financing_plan(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN)
    found = json.loads(told("finance", file, "--json").stdout)
    assert [year["dscr"] for year in found["years"]] == [None, pytest.approx(1.5), pytest.approx(90 / 55), None]
    assert found["cover"]["llcr"] == pytest.approx((90 / 1.1 + 90 / 1.21) / 100)
    assert "DSCR least  1.500" in told("finance", file).stdout


@pytest.mark.parametrize(
    "old, new, line, words",
    [
        ("rate = 0.1", 'rate = "10 %"', 13, "tranche.0.rate"),
        ("capex = [150]", "capex = [150", 6, "not TOML"),
        ("grace = 0", "grace = 9", 15, "do not fit"),
        ("amount = 100", "amount = 100\ncurrency = 'USD'", 13, "mixed currencies"),
    ],
)
def test_a_mistake_in_a_plan_has_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.replace(old, new))
    found = told("finance", file)
    assert found.exit_code != 0
    assert f"plan.toml:{line}" in found.stderr
    assert words in found.stderr


def test_parameters_of_a_country(tmp_path: Path) -> None:
    more = tmp_path / "at.toml"
    more.write_text(
        '[[parameter]]\nid = "at.discount"\ntitle = "x"\nvalue = 0.03\nunit = "share a year"\nyear = 2026\n'
        'country = "AT"\nsource = "a page"\nmark = "from memory"\n'
    )
    found = CliRunner().invoke(parameters, ["--country", "at", "--also", str(more), "--json"])
    assert [one["id"] for one in json.loads(found.stdout)] == ["at.discount"]
    assert "not verified" in CliRunner().invoke(parameters, []).stdout


SIGNALS = Path(__file__).parents[3] / "cities" / "ingolstadt" / "projects" / "signals.toml"


def test_a_project_file_is_answered_without_a_command(tmp_path: Path) -> None:
    told_ = told(SIGNALS, "--json", "--draws", "500", "--out", tmp_path / "case")
    found = json.loads(told_.stdout)
    assert sum(found["incidence"].values()) == pytest.approx(found["economic"]["npv"])
    assert found["uncertainty"]["draws"] == 500
    assert found["evidence"][0]["sha256"].startswith("18100fa4c0e3")
    assert json.loads((tmp_path / "case" / "signals.json").read_text()) == found
    assert "DRAFT" in told(SIGNALS, "--draws", "100").stdout


def test_a_project_file_that_is_not_there_is_told() -> None:
    gone = told("nowhere.toml")
    assert gone.exit_code == 2
    assert "nowhere.toml" in gone.stderr


def test_a_plan_whose_sources_miss_the_uses_is_told_where_the_uses_are(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(PLAN.replace('"balance"', "10"))
    refused = told("finance", file)
    assert refused.exit_code == 2
    assert f"{file}:5: the tranches bring 40.00 EUR less than the capex" in refused.output


def test_a_byte_order_mark_is_no_part_of_a_plan(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text("\ufeff" + PLAN)
    assert json.loads(told("finance", file, "--json").stdout)["sources"][0]["repayment"] == [2027, 2028]


@pytest.mark.parametrize(
    "content, words",
    [
        (b"PK\x03\x04\x14\x00\x06\x00\xff\xfe", "is a spreadsheet, not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a spreadsheet, not text"),
        ("year,amount\n0,£5\n".encode("latin-1"), "2: is not UTF-8 text"),
    ],
)
def test_a_table_that_is_no_text(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "flows.csv").write_bytes(content)
    assert words in told("cashflow", tmp_path / "flows.csv", "--rate", "0.1").output
    assert "is a folder" in told("cashflow", tmp_path, "--rate", "0.1").output


@pytest.mark.parametrize(
    "words, said",
    [
        (["--rate", "-0.01"], "--rate '-0.01': the discount rate -0.01 is negative"),
        (["--rate", "0.1", "--reinvest-rate", "9%"], "--reinvest-rate '9%'"),
        (["--rate", "0.1", "--inflation", "0.02"], "--inflation and --amounts go together"),
        (["--rate", "0.1", "--inflation", "2%", "--amounts", "current"], "0.02 for 2 % a year"),
        (["--rate", "0.1", "--inflation", "0.2", "--amounts", "constant"], "check which of them is real"),
        (["--rate", "0.1", "--timing", "mid"], "leave the timing mid out"),
        (["--rate", "0.1", "--nominal"], "rows with dates have no period"),
    ],
)
def test_options_that_do_not_fit_are_named(tmp_path: Path, words: list[str], said: str) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("date,amount\n2026-01-31,-100\n2027-01-31,120\n")
    refused = told("cashflow", file, *words)
    assert refused.exit_code == 2
    assert said in refused.output


def test_rows_by_quarter_at_a_nominal_rate_and_with_inflation(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("quarter,amount\n2026-Q4,-100\n2027-Q1,60\n2027-Q2,60\n")
    words = ("--rate", "0.08", "--nominal", "--inflation", "0.02", "--amounts", "current")
    found = json.loads(told("cashflow", file, *words, "--json").stdout)
    each = (1.02**4 * 1.02) ** 0.25
    assert found["npv"] == pytest.approx(-100 + 60 / each + 60 / each**2)
    assert found["inflation"]["irr_real"] == pytest.approx([(1 + found["irr"][0]) / 1.02 - 1])
    assert found["irr"] == pytest.approx([(1 + found["irr_a_period"][0]) ** 4 - 1])
    assert "  real " in told("cashflow", file, *words).stdout
