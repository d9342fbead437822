"""What if it goes badly: parts of the project dearer, smaller or later, one after another and all together.

The set is the one that lenders ask for: capital cost +20 %, benefits -20 %, operation and maintenance +20 %, a year's
delay of the benefits (what falls after the horizon is lost), all of it together.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Role
from madang.appraise.case.streams import role_of
from madang.appraise.project import Kernel, results


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """By role the factor on its streams, and the years by which benefits are late."""

    name: str
    scales: Mapping[Role, float] = {}
    delay: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario leaves; `change` of the economic NPV in per cent of the base case (None at 0)."""

    name: str
    enpv: float
    eirr: tuple[float, ...]
    bcr: float | None
    fnpv: float
    firr: tuple[float, ...]
    change: float | None


STANDARD = (
    Scenario(name="as planned"),
    Scenario(name="capital cost +20 %", scales={Role.CAPEX: 1.2}),
    Scenario(name="benefits -20 %", scales={Role.BENEFIT: 0.8}),
    Scenario(name="operation +20 %", scales={Role.OPERATION: 1.2}),
    Scenario(name="benefits one year late", delay=1),
    Scenario(name="all together", scales={Role.CAPEX: 1.2, Role.BENEFIT: 0.8, Role.OPERATION: 1.2}, delay=1),
)


def play(case: Case, compiled: Kernel) -> tuple[Outcome, ...]:
    """The standard scenarios in order, the base case first."""
    roles = [role_of(stream) for stream in case.form.stream]
    found: list[Outcome] = []
    for scenario in STANDARD:
        told = results(case.project, under(compiled, roles, scenario))
        base = found[0].enpv if found else told.economic.npv
        found.append(
            Outcome(
                name=scenario.name,
                enpv=told.economic.npv,
                eirr=told.economic.irr,
                bcr=told.economic.bcr,
                fnpv=told.financial.npv,
                firr=told.financial.irr,
                change=100 * (told.economic.npv - base) / abs(base) if base else None,
            )
        )
    return tuple(found)


def under(compiled: Kernel, roles: list[Role], scenario: Scenario) -> Kernel:
    """The kernel with its streams as the scenario has them."""
    scales = np.array([scenario.scales.get(role, 1.0) for role in roles])
    amounts = compiled.amounts * scales[:, None]
    if scenario.delay:
        late = np.array([role is Role.BENEFIT for role in roles])
        moved = np.zeros_like(amounts[late])
        moved[:, scenario.delay :] = amounts[late][:, : -scenario.delay]
        amounts[late] = moved
    return msgspec.structs.replace(compiled, amounts=amounts)
