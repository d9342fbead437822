"""The sentences that computations write in English, as templates, so that a report can say them in other languages.

An answer holds plain sentences, the same in JSON, at a terminal and in the English report. Here each is recognised by
its template; a test appraises projects and finds every sentence of theirs here.
"""

import re
from functools import lru_cache

SENTENCES: tuple[str, ...] = (
    # why a report is a draft
    "the {view} discount rate {rate} is marked '{mark}': {source}",
    "'{name}' is marked '{mark}': a fifth of it moves {share} of the ENPV",
    "'{name}' is marked '{mark}': a fifth of it moves the ENPV",
    "the amount of '{name}' is marked '{mark}'",
    "the conventions of {preset} are marked '{mark}'",
    "{file}: {count} seeds of {hours} h (measure {few} seeds and {short} h or more)",
    "the judges and the conversion of the BCR are marked '{mark}'",
    "the value '{title}' is not verified",
    "judgements contradict each other: {who}",
    # what a lender will ask for besides
    "no risk register: add [[risk]]",
    "nothing unquantified: is that so? add [[unquantified]]",
    "no counterfactual: write without in [project]",
    "no analytic hierarchy process: add [ahp]",
    "no accidents among the benefits",
    # notes of a cash flow
    "every amount is 0: each rate is an internal rate of return, so none is given",
    "no internal rate of return: the net present value is zero at no rate above -1",
    "{count} internal rates of return: none of them ranks the project; judge by NPV or MIRR",
    "money comes first and is paid back later: a loan, whose rate of return is its cost; the NPV rises with the rate",
    "a discount rate of 1 is 100 % a year: for 9 % write 0.09",
    "the running sum is negative again after the payback: later costs are not paid back by then",
    # conventions of a cash flow
    "discounted yearly; {when}",
    "the first row is at time 0 and not discounted",
    "the first row is discounted one year",
    "the first row is discounted half a year",
    "every real rate above -1 at which the NPV is zero, whenever the first row falls due",
    "financed at {rate}, reinvested at {other}, from the first row to the last",
    "present values: {parts}",
    "benefits over costs as the table has them",
    "the positive amounts over the negative ones, benefits and costs of a year netted",
    "years after the first row, the first time, straight within a year",
    "per cent change of all benefits (of all costs) at which the NPV is zero",
    # conventions of a case
    "an asset's straight-line value at the end of the horizon lowers its cost in the last year",
    "owner's gain or loss, tax to the government, shadow price in the file's shares; sums to the ENPV",
    "financial: the cash of the entity; economic: society, taxes and transfers out, at shadow prices",
    "a delay moves all benefits; what falls after the horizon is lost",
    "{kind} prices of {year}",
    "{kind} prices",
    "none: the file writes its own rates",
    "domestic prices",
    "by the file's table, a BCR of {table}",
    "the BCR itself, from 1/9 to 9",
    # after opening
    "the hub remembers nothing of it in that time",
    "nothing in the hub is named for it: add [[follow]]",
    "nobody has written down what it came to: add [[actual]]",
    "beside {entity}",
    "against {start} to {end}",
    "a gain an hour is multiplied by the hours a year that were planned: hours are not measured",
    "neighbouring windows resemble each other: intervals are rather too narrow",
    "remembered in {years}, outside of the project's years: --year says which year it counts as",
    # scenarios
    "as planned",
    "capital cost +20 %",
    "benefits -20 %",
    "operation +20 %",
    "benefits one year late",
    "all together",
)

NAMES: tuple[str, ...] = (
    *("cash", "resource", "non market"),
    *("verified", "secondary", "from memory", "assumption", "measured"),
    *("low", "medium", "high"),
    *("done", "partly", "missing"),
    *("normal", "lognormal", "triangular", "uniform"),
    *("economic", "financial", "real", "nominal"),
    *("benefit", "cost", "transfer"),
    *("grant", "concessional", "commercial", "green bond", "equity"),
)
"""Words of a project file that a report says in the reader's language."""

_GAP = re.compile(r"\\\{(\w+)\\\}")


def recognised(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The template of a sentence and what fills its gaps; None where nothing fits."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return template, found.groupdict()
    return None


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one, re.compile(_GAP.sub(r"(?P<\1>.+?)", re.escape(one)))) for one in SENTENCES)
