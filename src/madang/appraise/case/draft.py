"""Why a report is a draft: what it hangs on and nobody has read in its source, and evidence that is too thin."""

from madang.appraise.case import levers
from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Category
from madang.appraise.case.measured import weak
from madang.appraise.case.ranking import Consistency, Panel
from madang.appraise.project import Kernel

MATERIAL = 0.05
"""An input is material where a fifth more or less of it moves the ENPV by this share of it or more."""


def reasons(case: Case, compiled: Kernel) -> tuple[str, ...]:
    """Sentences, the weightiest first; none where the report may be called final."""
    marks = {driver.name: driver for driver in case.drivers}
    found = [
        f"the {rate.view} discount rate {rate.rate} is marked {rate.mark!r}: {rate.source}"
        for rate in case.rates
        if rate.mark != "verified"
    ]
    total = abs(float((compiled.economic * (compiled.amounts @ compiled.economic_factors)).sum()))
    for bar in levers.bars(case, compiled):
        driver = marks[bar.name]
        moved = abs(bar.high - bar.low) / 2
        if driver.mark not in ("verified", "measured") and moved >= MATERIAL * total:
            share = f"{moved / total:.0%} of the ENPV" if total else "the ENPV"
            found.append(f"{bar.name!r} is marked {driver.mark!r}: a fifth of it moves {share}")
    found += _costs(case, compiled, total)
    trails = [driver.trail for driver in case.drivers if driver.trail]
    found += sorted({said for trail in trails if (said := weak(trail)) is not None})
    if case.preset is not None and case.preset.mark != "verified":
        found.append(f"the conventions of {case.preset.title} are marked {case.preset.mark!r}")
    if case.panel is not None:
        if case.panel.mark != "verified":
            found.append(f"the judges and the conversion of the BCR are marked {case.panel.mark!r}")
        found += [f"the value {title!r} is not verified" for title in case.panel.rests_on]
        found += [f"judgements contradict each other: {one.whose or one.about}" for one in _torn(case.panel)]
    return tuple(dict.fromkeys(found))


def _torn(panel: Panel) -> list[Consistency]:
    return [one for one in panel.consistency if not one.fits]


def _costs(case: Case, compiled: Kernel, total: float) -> list[str]:
    """Amounts that the file writes as they are: their own mark counts."""
    worth = compiled.economic * (compiled.amounts @ compiled.economic_factors)
    return [
        f"the amount of {given.name!r} is marked {given.mark.value!r}"
        for given, own in zip(case.form.stream, worth, strict=True)
        if not given.times and given.mark.value != "verified" and abs(own) * levers.CHANGE >= MATERIAL * total
    ]


def thin(case: Case) -> tuple[str, ...]:
    """What a lender will ask for and the file does not have."""
    form = case.form
    lacking = {
        "no risk register: add [[risk]]": not form.risk,
        "nothing unquantified: is that so? add [[unquantified]]": not form.unquantified,
        "no counterfactual: write without in [project]": not form.project.without,
        "no analytic hierarchy process: add [ahp]": case.preset is not None
        and case.preset.id == "korea-pfs"
        and form.ahp is None,
        "no accidents among the benefits": not any(one.category is Category.ACCIDENTS for one in form.stream),
    }
    return tuple(said for said, true in lacking.items() if true)
