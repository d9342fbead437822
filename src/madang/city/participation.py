"""What a city's ``participation.toml`` must agree on: who answers sits in a committee, proposals are a dataset."""

from collections.abc import Mapping, Sequence

from madang.city.finding import suggestion
from madang.city.rules import Mistakes
from madang.model.city import Committee
from madang.model.dataset import Dataset, Sensitivity
from madang.model.proposal import SEEN, TYPE, Participation


def agrees(
    found: Participation, datasets: Sequence[Dataset] | None, committees: Mapping[str, Committee] | None
) -> Mistakes:
    """The mistakes of the file beside the others."""
    name = found.proposals.committee
    if name and committees is not None and name not in committees:
        yield ("proposals", "committee"), f"{name!r} is no committee", suggestion(name, list(committees))
    if datasets is None:
        return
    own = [one for one in datasets if one.type == TYPE and one.sensitivity is Sensitivity.PUBLIC]
    missing = [name for name in SEEN if not any(name in one.attributes or not one.attributes for one in own)]
    if missing:
        yield (
            (),
            f"no public dataset of the type {TYPE} declares {', '.join(missing)}",
            "proposals are seen as entities",
        )
