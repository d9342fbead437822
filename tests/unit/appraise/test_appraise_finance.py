"""Debt: identities that every schedule keeps, sculpting, cover, relief; and what a plan may not say."""

import tomllib
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.appraise.concession import grant_element
from madang.appraise.cover import years
from madang.appraise.finance import finance
from madang.appraise.funding import fund
from madang.appraise.loan import Terms, schedule
from madang.appraise.plan import Plan, Repayment, Tranche
from madang.appraise.planning import read
from madang.appraise.relief import lowest, with_tranche
from madang.errors import AppraisalInvalid

PLAN = """
[project]
currency = "EUR"
first_year = 2026
capex = [600, 400]
quantity = [50, 55, 60, 65, 70, 70, 70, 70, 70, 70, 70, 70]
tariff = 2.2
opex = [20, 21, 22, 23, 24, 24, 24, 24, 24, 24, 24, 24]
tax_rate = 0.25
[[tranche]]
name = "grant"
kind = "grant"
amount = "balance"
[[tranche]]
name = "bank"
kind = "commercial"
amount = 400
rate = 0.06
grace = 1
tenor = 9
[[tranche]]
name = "dollars"
kind = "concessional"
amount = 200
currency = "USD"
exchange = 0.9
depreciation = 0.02
rate = 0.02
grace = 3
tenor = 12
repayment = "annuity"
[[tranche]]
name = "city"
kind = "equity"
amount = 150
rate = 0.10
"""
SCULPTED = PLAN.replace("grace = 1\ntenor = 9", 'grace = 1\ntenor = 9\nrepayment = "sculpted"')
RATE = st.floats(0, 0.2)
PLAIN: st.SearchStrategy[Repayment] = st.sampled_from(["equal", "annuity", "bullet"])


def plan(text: str = PLAN, **target: Any) -> Plan:
    table = tomllib.loads(text)
    if target:
        table["target"] = target
    found, mistakes = read(table)
    assert not mistakes
    assert found is not None
    return found


@given(RATE, st.integers(1, 4), st.integers(0, 5), st.integers(1, 20), PLAIN)
def test_a_loan_is_repaid_and_its_service_is_worth_what_was_drawn(
    rate: float, building: int, more: int, repaying: int, repayment: Repayment
) -> None:
    grace = building - 1 + more
    terms = Terms(rate=rate, grace=grace, tenor=grace + repaying, building=building, repayment=repayment)
    found = schedule(terms, [100.0] * building + [0.0] * (more + repaying + 2))
    drawn = sum(100 / (1 + rate) ** year for year in range(building))
    assert sum(paid / (1 + rate) ** year for year, paid in enumerate(found.service)) == pytest.approx(drawn)
    assert found.opening[grace + repaying + 1] == pytest.approx(0, abs=1e-6)
    assert not any(found.service[:building])
    assert not any(found.repaid[: grace + 1])


def test_an_annuity_of_a_published_example() -> None:
    """numpy-financial documentation, pmt(0.08/12, 5*12, 15000): -304.145914 a month."""
    terms = Terms(rate=0.08 / 12, grace=0, tenor=60, building=1, repayment="annuity")
    service = schedule(terms, [15000.0] + [0.0] * 60).service
    assert service[1:] == pytest.approx([304.145914] * 60, abs=5e-7)


@given(st.floats(0, 0.15), st.integers(0, 10), st.integers(1, 30), st.floats(0.01, 0.12))
def test_the_grant_element_is_that_of_the_closed_formula(
    rate: float, grace: int, repaying: int, discount: float
) -> None:
    """The DAC's and World Bank's formula for equal repayments, one a year:
    100 (1 - r/d) (1 - ((1+d)**-G - (1+d)**-M) / (d (M - G)))."""
    maturity = grace + repaying
    terms = Terms(rate=rate, grace=grace, tenor=maturity, building=0)
    held = ((1 + discount) ** -grace - (1 + discount) ** -maturity) / (discount * (maturity - grace))
    assert grant_element(terms, rate=discount) == pytest.approx(100 * (1 - rate / discount) * (1 - held), abs=1e-8)


@pytest.mark.parametrize("payments", [1, 2, 4])
def test_the_grant_element_of_several_payments_a_year(payments: int) -> None:
    """The DAC's formula with `a` payments a year, d' = (1 + d) ** (1/a) - 1 (OECD, Converged Statistical Reporting
    Directives, annex; IMF, grant element calculator):
    100 (1 - (r/a)/d') (1 - ((1+d')**-aG - (1+d')**-aM) / (d' a (M - G))).
    """
    rate, grace, maturity, discount = 0.02, 5, 20, 0.05
    terms = Terms(rate=rate, grace=grace, tenor=maturity, building=0)
    each = (1 + discount) ** (1 / payments) - 1
    first, last = payments * grace, payments * maturity
    held = ((1 + each) ** -first - (1 + each) ** -last) / (each * (last - first))
    expected = 100 * (1 - rate / payments / each) * (1 - held)
    assert grant_element(terms, rate=discount, payments=payments) == pytest.approx(expected)


def test_interest_during_construction_is_added_or_paid() -> None:
    """Two years of building, 100 drawn in each at 10 %: 10 of interest fall due at the end of the second."""
    text = """
    [project]
    currency = "EUR"
    first_year = 2026
    capex = [200, 200]
    revenue = [300, 300]
    opex = [0, 0]
    [[tranche]]
    name = "bank"
    kind = "commercial"
    amount = 200
    rate = 0.1
    grace = 1
    tenor = 3
    construction_interest = "HOW"
    [[tranche]]
    name = "owners"
    kind = "equity"
    amount = "balance"
    """
    added, paid = (finance(plan(text.replace("HOW", how))) for how in ("added", "paid"))
    assert [year.service for year in added.years] == pytest.approx([0, 0, 105 + 21, 105 + 10.5])
    assert [year.service for year in paid.years] == pytest.approx([0, 0, 100 + 20, 100 + 10])
    assert [year.left for year in paid.years] == pytest.approx([0, -10, 180, 190])
    assert [year.dscr for year in paid.years] == [None, None, pytest.approx(2.5), pytest.approx(300 / 110)]
    sculpted = text.replace("HOW", "paid").replace("tenor = 3", 'tenor = 3\nrepayment = "sculpted"')
    shaped = finance(plan(sculpted))
    assert shaped.years[2].dscr == pytest.approx(shaped.years[3].dscr)
    assert shaped.sources[0].repaid[2] + shaped.sources[0].repaid[3] == pytest.approx(200)
    _, mistakes = read(tomllib.loads(text))
    assert mistakes[0].path == ("tranche", 0, "construction_interest")


@pytest.mark.parametrize("repayment", ["equal", "annuity"])
def test_a_balloon_is_left_for_the_last_payment(repayment: Repayment) -> None:
    terms = Terms(rate=0.06, grace=0, tenor=5, building=1, repayment=repayment, balloon=0.4)
    found = schedule(terms, [1000.0] + [0.0] * 5)
    last = found.service[5] - 400
    if repayment == "equal":
        assert found.repaid[1:5] == pytest.approx([120] * 4)
        assert found.repaid[5] == pytest.approx(520)
    else:
        # The same payment as a spreadsheet's PMT(6 %, 5, -1000, 400).
        assert found.service[1:5] == pytest.approx([(1000 - 400 / 1.06**5) * 0.06 / (1 - 1.06**-5)] * 4)
        assert last == pytest.approx(found.service[1])
    assert sum(found.repaid) == pytest.approx(1000)


def test_a_loan_of_three_years_has_three_payments() -> None:
    """Excel: IPMT(10 %, 3, 3, 8000) -292.45; PPMT(8 %, 10, 10, 200000) -27598.05; PMT(8 %/12, 10, 10000) -1037.03."""
    three = schedule(Terms(rate=0.10, grace=0, tenor=3, building=1, repayment="annuity"), [8000.0, 0, 0, 0])
    assert three.paid[3] == pytest.approx(292.45, abs=0.005)
    ten = Terms(rate=0.08, grace=0, tenor=10, building=1, repayment="annuity")
    assert schedule(ten, [200000.0] + [0.0] * 10).repaid[10] == pytest.approx(27598.05, abs=0.005)
    monthly = Terms(rate=0.08 / 12, grace=0, tenor=10, building=1, repayment="annuity")
    assert schedule(monthly, [10000.0] + [0.0] * 10).service[1] == pytest.approx(1037.03, abs=0.005)


def test_interest_and_principal_of_a_year_of_a_mortgage() -> None:
    """Excel: CUMIPMT(9 %/12, 360, 125000, 13, 24) = -11135.23; CUMPRINC of the same = -934.11."""
    found = schedule(
        Terms(rate=0.09 / 12, grace=0, tenor=360, building=1, repayment="annuity"), [125000.0] + [0.0] * 360
    )
    assert sum(found.paid[13:25]) == pytest.approx(11135.23, abs=0.005)
    assert sum(found.repaid[13:25]) == pytest.approx(934.11, abs=0.005)


def test_a_loan_at_the_discount_rate_has_no_grant_in_it() -> None:
    for repayment in ("equal", "annuity", "bullet"):
        terms = Terms(rate=0.05, grace=7, tenor=30, building=2, repayment=repayment)
        assert grant_element(terms) == pytest.approx(0, abs=1e-10)


def test_sources_meet_uses() -> None:
    found = finance(plan())
    assert sum(source.value for source in found.sources) == pytest.approx(1000)
    dollars = next(source for source in found.sources if source.name == "dollars")
    assert dollars.value == pytest.approx(200 * (0.6 * 0.9 + 0.4 * 0.9 * 1.02))
    shares = {source.name: source.share for source in found.sources}
    wacc = shares["bank"] * 0.06 * 0.75 + shares["dollars"] * 0.02 * 0.75 + 0.15 * 0.10
    assert found.wacc == pytest.approx(wacc)
    assert found.wacc_without_grants == pytest.approx(wacc / (1 - shares["grant"]))


def test_cover_by_hand() -> None:
    """One year of construction, a loan of 100 at 10 % repaid in two equal parts: service 60 and 55, CFADS 90 a year."""
    text = """
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
    amount = 50
    """
    found = finance(plan(text))
    assert [year.service for year in found.years] == pytest.approx([0, 60, 55, 0])
    assert [year.dscr for year in found.years] == [None, pytest.approx(1.5), pytest.approx(90 / 55), None]
    assert found.cover.llcr == pytest.approx((90 / 1.1 + 90 / 1.21) / 100)
    assert found.cover.plcr == pytest.approx((90 / 1.1 + 90 / 1.21 + 90 / 1.331) / 100)
    assert found.years[2].llcr == pytest.approx(90 / 1.1 / 50)
    assert len(found.equity_irr) == 1
    rate = found.equity_irr[0]
    assert -50 + 30 / (1 + rate) + 35 / (1 + rate) ** 2 + 90 / (1 + rate) ** 3 == pytest.approx(0, abs=1e-9)


def test_a_sculpted_loan_holds_its_dscr_in_every_year() -> None:
    funding = fund(plan(SCULPTED))
    bank = next(source for source in funding.sources if source.tranche.name == "bank")
    assert bank.schedule is not None
    ratios = [flow / service for flow, service in zip(funding.cfads[2:10], funding.service[2:10], strict=True)]
    assert ratios == pytest.approx([bank.dscr] * 8)
    assert bank.schedule.opening[10] == pytest.approx(0, abs=1e-9)


@given(st.floats(1.0, 3.0), st.floats(0.0, 0.12))
def test_a_sculpted_amount_is_what_the_dscr_carries_and_its_llcr_is_that_dscr(dscr: float, rate: float) -> None:
    alone = "\n".join(SCULPTED.split("[[tranche]]")[part] for part in (0,))
    text = alone + "".join("[[tranche]]" + SCULPTED.split("[[tranche]]")[part] for part in (1, 2))
    text = text.replace("amount = 400\nrate = 0.06", f'amount = "sculpted"\ndscr = {dscr!r}\nrate = {rate!r}')
    try:
        funding = fund(plan(text))
    except AppraisalInvalid as error:
        assert "more than is left of the capex" in error.detail  # the cash flow carries more than is built
        return
    rows = years(funding)
    assert [row.dscr for row in rows[2:10]] == pytest.approx([dscr] * 8)
    assert [row.llcr for row in rows[2:10]] == pytest.approx([dscr] * 8)
    assert rows[10].debt == pytest.approx(0, abs=1e-6)


def test_what_a_cash_flow_carries() -> None:
    """Debt sized by a DSCR is the present value of CFADS over it (Yescombe, chapter 12): 100 to 140 at 6 %, 1.25."""
    text = """
    [project]
    currency = "EUR"
    first_year = 2026
    capex = [CAPEX]
    revenue = [100, 110, 120, 130, 140]
    opex = [0, 0, 0, 0, 0]
    [[tranche]]
    name = "bank"
    kind = "commercial"
    amount = "sculpted"
    dscr = 1.25
    rate = 0.06
    tenor = 5
    repayment = "sculpted"
    [[tranche]]
    name = "owners"
    kind = "equity"
    amount = "balance"
    """
    carried = sum((90 + 10 * year) / 1.25 / 1.06**year for year in range(1, 6))
    found = finance(plan(text.replace("CAPEX", "500")))
    assert found.sources[0].amount == pytest.approx(carried)
    assert found.cover.llcr == pytest.approx(1.25)
    assert found.sources[0].repayment == (2027, 2031)
    with pytest.raises(AppraisalInvalid, match=r"carries 400\.47 EUR of 'bank'.*write its amount as a number"):
        finance(plan(text.replace("CAPEX", "400")))


@given(st.floats(0, 24))
def test_the_reserve_keeps_what_it_takes(months: float) -> None:
    funding = fund(plan())
    rows = years(funding, months=months)
    free = sum(funding.cfads) - sum(funding.service)
    assert sum(row.left for row in rows) == pytest.approx(free)
    assert rows[-1].reserve == 0
    for row, after in pairwise(rows):
        assert 0 <= row.reserve <= months / 12 * after.service + 1e-9
        if row.missing > 1e-9:
            assert row.left <= 1e-9


@pytest.mark.parametrize("dscr, share", [(1.5, 1.0), (1.7, 0.9), (2.2, 1.0)])
def test_relief_brings_the_lowest_dscr_to_the_target(dscr: float, share: float) -> None:
    given_ = plan(dscr=dscr, tranche="bank", cfads_share=share)
    found = finance(given_).relief
    assert found is not None
    bank = next(tranche for tranche in given_.tranches if tranche.name == "bank")
    assert isinstance(bank.amount, float | int)
    assert found.grant is not None and found.tariff is not None
    less = msgspec.structs.replace(bank, amount=bank.amount - found.grant)
    assert lowest(fund(with_tranche(given_, less)), share) == pytest.approx(dscr)
    dearer = msgspec.structs.replace(given_.project, tariff=found.tariff)
    assert lowest(fund(msgspec.structs.replace(given_, project=dearer)), share) == pytest.approx(dscr)

    def with_tenor(tenor: int) -> float:
        return lowest(fund(with_tranche(given_, msgspec.structs.replace(bank, tenor=tenor))), share) or 0.0

    if found.tenor is None:
        assert all(with_tenor(tenor) < dscr for tenor in range(2, 14))
    else:
        assert with_tenor(found.tenor) >= dscr
        assert all(with_tenor(tenor) < dscr for tenor in range(2, found.tenor))


def test_relief_that_cannot_be_had_is_none() -> None:
    found = finance(plan(dscr=30.0, tranche="bank")).relief
    assert found is not None
    assert (found.grant, found.tenor) == (None, None)


@pytest.mark.parametrize(
    "old, new, path, words",
    [
        ("[project]", "[projekt]", ("projekt",), "not known"),
        ('currency = "EUR"\n', "", ("project",), "currency"),
        ("tariff = 2.2", 'tariff = "2.2"', ("project", "tariff"), "float"),
        ("rate = 0.06", 'rate = "6 %"', ("tranche", 1, "rate"), "float"),
        ("rate = 0.06", "rate = 6", ("tranche", 1, "rate"), "0.05 for 5 %"),
        ("rate = 0.06", "rate = -0.06", ("tranche", 1, "rate"), "from 0"),
        ("rate = 0.06", "rate = nan", ("tranche", 1, "rate"), "from 0"),
        ("rate = 0.06", "rate = 0.06\nballoon = 30", ("tranche", 1, "balloon"), "0.3 for 30 %"),
        ("[project]", "concession_payments = 3\n[project]", ("concession_payments",), "1, 2, 4 or 12"),
        ("grace = 1", "grace = 0", ("tranche", 1, "tenor"), "construction ends after 1"),
        ("tenor = 9", "tenor = 99", ("tranche", 1, "tenor"), "tenor <= 13"),
        ("exchange = 0.9\n", "", ("tranche", 2, "currency"), "mixed currencies"),
        ("tax_rate = 0.25", "tax_rate = 25", ("project", "tax_rate"), "0.25 for 25 %"),
        ("opex = [20, 21,", "opex = [20,", ("project", "quantity"), "12 years and opex has 11"),
        ('name = "city"', 'name = "bank"', ("tranche", 3, "name"), "already"),
        ("amount = 150", 'amount = "balance"', ("tranche", 3, "amount"), "second 'balance'"),
        ("amount = 400", 'amount = "sculpted"', ("tranche", 1, "amount"), "without a dscr"),
        ("amount = 400", "amount = 400\ninterest = 3", ("tranche", 1, "interest"), "unknown field"),
        ("capex = [600, 400]", "capex = [600, -400]", ("project", "capex"), "positive"),
    ],
)
def test_a_mistake_has_its_path_and_remedy(old: str, new: str, path: tuple[str | int, ...], words: str) -> None:
    assert old in PLAN
    _, mistakes = read(tomllib.loads(PLAN.replace(old, new)))
    assert any(m.path == path and words in m.message + m.remedy and m.remedy for m in mistakes), mistakes


def test_sources_that_do_not_meet_the_uses_are_refused() -> None:
    with pytest.raises(AppraisalInvalid, match="less than the capex"):
        fund(plan(PLAN.replace('amount = "balance"', "amount = 1")))
    with pytest.raises(AppraisalInvalid, match="more than the capex"):
        fund(plan(PLAN.replace("amount = 400", "amount = 4000")))


def test_what_worries_is_noted() -> None:
    poor = finance(plan(PLAN.replace("tariff = 2.2", "tariff = 0.8") + "[dsra]\nmonths = 6\n"))
    assert any("does not cover" in note for note in poor.notes)
    assert any("reserve account" in note for note in poor.notes)


def test_an_unused_loan_is_no_trouble() -> None:
    found = finance(plan(PLAN.replace("amount = 400", "amount = 0")))
    assert next(source for source in found.sources if source.name == "bank").value == 0
    assert isinstance(found.sources[1], msgspec.Struct)
    assert Tranche(name="x", kind="grant", amount=1).is_loan is False
