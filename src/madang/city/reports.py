"""What a city's ``reports.toml`` must agree on: reports are entities, so a dataset has to declare them."""

from collections.abc import Mapping, Sequence

from madang.city.rules import Mistakes
from madang.model.dataset import Dataset
from madang.model.district import Districts
from madang.model.report import CONTACT, OPEN, TYPE, ReportKind


def declared(datasets: Sequence[Dataset] | None) -> Mistakes:
    """Reports have their datasets; and who reported is not in a public one."""
    if datasets is None:
        return
    own = [one for one in datasets if one.type == TYPE]
    names = {name for one in own for name in one.attributes}
    missing = [name for name in (*OPEN, *CONTACT) if name not in names]
    if missing:
        hint = f'datasets of type = "{TYPE}": a public one, and a personal one for {", ".join(CONTACT)}'
        yield (), f"no dataset of the type {TYPE} declares {', '.join(missing)}", hint
    for one in own:
        shown = [name for name in CONTACT if name in one.attributes and not one.personal]
        if shown:
            yield (), f"the dataset {one.id} has {shown[0]} and is not personal", "who reported is personal data"


def routed(kinds: Mapping[str, ReportKind] | None, districts: Districts | None) -> Mistakes:
    """Where a kind is routed by district, there is that district."""
    known = {one.id for one in districts.districts} if districts is not None else set[str]()
    for code, kind in (kinds or {}).items():
        for name in kind.agencies:
            if name not in known:
                hint = f"known: {', '.join(sorted(known))}" if known else "the city has no districts.geojson"
                yield (code, "agencies", name), f"there is no district {name!r}", hint
