"""What the public pays for a partner, and how sure the debt's cover is: against what can be worked out by hand."""

import tomllib

import msgspec
import numpy as np
import pytest

from madang.appraise.finance import finance
from madang.appraise.funding import fund
from madang.appraise.partnership import owners, partnered
from madang.appraise.plan import Plan
from madang.appraise.planning import read
from madang.appraise.relief import lowest, with_tranche
from madang.appraise.shortfall import drawn

# 100 built in a year with the partner's own money, running costs of 5 for ten years, no user pays.
ROAD = """
[project]
currency = "EUR"
first_year = 2026
capex = [100]
revenue = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
opex = [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]
[[tranche]]
name = "partner"
kind = "equity"
amount = "balance"
rate = 0.1
"""
LOAN = """
[[tranche]]
name = "bank"
kind = "commercial"
amount = 60
rate = 0.05
grace = 0
tenor = 8
repayment = "annuity"
"""
TOLL = ROAD.replace(
    "revenue = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "quantity = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10]\ntariff = 2.0"
)
DOUBT = '\n[[uncertain]]\nof = "quantity"\nshape = "uniform"\nnumbers = [0.5, 1.5]\n'


def plan(text: str) -> Plan:
    found, mistakes = read(tomllib.loads(text))
    assert found is not None and not mistakes, mistakes
    return found


def partnership(text: str, **more: object) -> Plan:
    told = "\n".join(f"{key} = {value!r}".replace("'", '"') for key, value in more.items())
    return plan(f"{text}\n[partnership]\n{told}\n")


def test_an_availability_payment_is_an_annuity_where_equity_pays_for_all() -> None:
    found = finance(partnership(ROAD, kind="availability", equity_return=0.1)).partnership
    assert found is not None and found.amount is not None
    # 100 at the end of the first year is owed back over ten at 10 %: 100 / a(10, 10 %) a year, and the running costs.
    annuity = 100 * 0.1 / (1 - 1.1**-10)
    assert found.amount == pytest.approx(annuity + 5, rel=1e-9)
    assert found.equity_irr[0] == pytest.approx(0.1, abs=1e-9)
    assert found.binds == "equity return"
    worth = sum(found.amount / 1.04 ** (year + 2) for year in range(10))
    assert found.public_value == pytest.approx(worth, rel=1e-12)


def test_an_indexed_payment_begins_lower_and_earns_the_same() -> None:
    flat = finance(partnership(ROAD, kind="availability", equity_return=0.1)).partnership
    risen = finance(partnership(ROAD, kind="availability", equity_return=0.1, indexation=0.03)).partnership
    assert flat is not None and risen is not None and flat.amount and risen.amount
    assert risen.amount < flat.amount
    assert risen.payments[-1] == pytest.approx(risen.amount * 1.03**9, rel=1e-12)
    assert risen.equity_irr[0] == pytest.approx(0.1, abs=1e-9)


def test_what_lenders_ask_binds_where_it_asks_for_more() -> None:
    own = finance(partnership(ROAD + LOAN, kind="availability", equity_return=0.02)).partnership
    both = finance(partnership(ROAD + LOAN, kind="availability", equity_return=0.02, dscr=1.6)).partnership
    assert own is not None and both is not None and own.amount and both.amount
    assert own.binds == "equity return" and both.binds == "dscr"
    service = max(fund(plan(ROAD + LOAN)).service)
    assert both.amount == pytest.approx(1.6 * service + 5, rel=1e-9)
    assert both.dscr_min == pytest.approx(1.6, rel=1e-9)
    assert both.equity_irr[0] > 0.02


def test_a_viability_gap_takes_the_place_of_equity() -> None:
    found = finance(partnership(TOLL, kind="viability_gap", equity_return=0.12)).partnership
    assert found is not None and found.amount is not None
    # 15 a year are worth 15 * a(10, 12 %) when building ends: so much equity earns 12 %, the rest is the gap.
    worth = 15 * (1 - 1.12**-10) / 0.12
    assert found.amount == pytest.approx(100 - worth, rel=1e-9)
    assert found.share == pytest.approx(1 - worth / 100, rel=1e-9)
    assert found.payments == (pytest.approx(found.amount), *[0.0] * 10)


def test_a_gap_that_is_larger_than_allowed_is_told() -> None:
    found = finance(partnership(TOLL, kind="viability_gap", equity_return=0.12, most_share=0.1)).partnership
    assert found is not None and found.amount is None
    assert found.share == pytest.approx(0.1)
    assert found.equity_irr[0] < 0.12


def test_where_nothing_is_needed_nothing_is_paid() -> None:
    found = finance(partnership(TOLL, kind="availability", equity_return=0.05)).partnership
    assert found is not None and found.amount == 0 and found.binds == "nothing"


@pytest.mark.parametrize("kind", ["availability", "viability_gap"])
def test_a_little_less_would_not_do(kind: str) -> None:
    whole = partnership(TOLL + LOAN, kind=kind, equity_return=0.25, dscr=1.2)
    assert whole.partnership is not None
    found = partnered(whole, whole.partnership)
    assert found.amount
    wanting = msgspec.structs.replace(whole.partnership, equity_return=found.equity_irr[0] + 1e-6, dscr=None)
    more = partnered(whole, wanting).amount
    assert more is not None and more > found.amount


def test_the_lowest_dscr_is_drawn() -> None:
    text = TOLL + LOAN + DOUBT
    found = finance(plan(text)).shortfall
    assert found is not None
    service = max(fund(plan(text)).service)
    # CFADS is 20 f - 5 in every year, f even between 0.5 and 1.5: its P90 is at f = 0.6.
    assert found.dscr_min[1] == pytest.approx((20 * 0.6 - 5) / service, rel=1e-3)
    assert found.dscr_p50[0] == pytest.approx((20 * 1.0 - 5) / service, rel=1e-3)
    short = (service + 5) / 20 - 0.5
    assert found.p_short == pytest.approx(short, abs=1e-3)


def test_years_of_their_own_are_worse_together_than_each() -> None:
    found = finance(plan(TOLL + LOAN + DOUBT + "yearly = true\n")).shortfall
    assert found is not None
    assert found.dscr_min[1] < min(found.dscr_p90)


def test_relief_at_a_percentile_holds_in_so_many_draws_and_no_less_would() -> None:
    text = TOLL + LOAN + DOUBT + '[target]\ndscr = 1.3\ntranche = "bank"\npercentile = 0.9\n'
    whole = plan(text)
    need = finance(whole).relief
    assert need is not None and need.tariff is not None and need.grant is not None and need.percentile == 0.9
    service = max(fund(whole).service)
    assert need.tariff == pytest.approx((1.3 * service + 5) / (10 * 0.6), rel=1e-3)

    def held(changed: Plan) -> float:
        owed = np.array(fund(changed).service)
        least = (drawn(changed).cfads(changed.project.tariff)[:, owed > 0] / owed[owed > 0]).min(axis=1)
        return float((least >= 1.3 - 1e-9).mean())

    def at(tariff: float) -> Plan:
        return msgspec.structs.replace(whole, project=msgspec.structs.replace(whole.project, tariff=tariff))

    assert held(at(need.tariff)) >= 0.9 > held(at(need.tariff * 0.99))
    bank = next(tranche for tranche in whole.tranches if tranche.name == "bank")
    smaller = with_tranche(whole, msgspec.structs.replace(bank, amount=60 - need.grant))
    assert held(smaller) >= 0.9
    more = with_tranche(whole, msgspec.structs.replace(bank, amount=60 - need.grant * 0.98))
    assert held(more) < 0.9


def test_without_doubt_the_percentile_is_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = DOUBT.replace("[0.5, 1.5]", "[0.999999, 1.000001]")
    sure = plan(TOLL + LOAN + narrow + '[target]\ndscr = 1.3\ntranche = "bank"\npercentile = 0.9\n')
    found, plainly = finance(sure), finance(plan(TOLL + LOAN + '[target]\ndscr = 1.3\ntranche = "bank"\n'))
    assert found.relief is not None and plainly.relief is not None
    assert found.relief.tariff == pytest.approx(plainly.relief.tariff, rel=1e-5)
    assert found.relief.grant == pytest.approx(plainly.relief.grant, rel=1e-3, abs=1e-3)
    assert found.relief.tenor == plainly.relief.tenor
    assert found.relief.now == pytest.approx(lowest(fund(sure)), rel=1e-5)


def test_owners_bring_what_the_others_leave() -> None:
    assert owners(plan(ROAD))[0] == -100
    assert owners(plan(ROAD + LOAN))[0] == pytest.approx(-40)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ROAD.replace("equity", "grant") + '[partnership]\nkind = "availability"\nequity_return = 0.1',
            "there is no equity",
        ),
        (
            ROAD.replace('amount = "balance"', "amount = 100")
            + '[partnership]\nkind = "viability_gap"\nequity_return = 0.1',
            "equity of a fixed amount",
        ),
        (ROAD + '[partnership]\nkind = "gift"\nequity_return = 0.1', "Invalid enum value"),
        (ROAD + '[partnership]\nkind = "availability"\nequity_return = 12', "is 12"),
        (ROAD + DOUBT, "the project has no quantity"),
        (TOLL + DOUBT.replace("[0.5, 1.5]", "[1.5, 0.5]"), "low and high, rising"),
        (TOLL + DOUBT + "uncertain = 3\n", "unknown field"),
        ("draws = 7\n" + TOLL, "is 7"),
        (TOLL + LOAN + '[target]\ndscr = 1.3\ntranche = "bank"\npercentile = 0.9\n', "nothing is uncertain"),
        (
            TOLL + LOAN + DOUBT + '[target]\ndscr = 1.3\ntranche = "bank"\npercentile = 0.9\ncfads_share = 0.9\n',
            "both percentile and cfads_share",
        ),
        (TOLL + LOAN + DOUBT + '[target]\ndscr = 1.3\ntranche = "bank"\npercentile = 90\n', "is 90"),
    ],
)
def test_what_cannot_be_is_told(text: str, said: str) -> None:
    _, mistakes = read(tomllib.loads(text))
    assert any(said in mistake.message for mistake in mistakes), mistakes
    assert all(mistake.remedy for mistake in mistakes)


def test_a_list_that_is_none_is_told() -> None:
    _, mistakes = read({**tomllib.loads(TOLL), "uncertain": "much"})
    assert mistakes
