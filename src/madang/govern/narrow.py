"""The access to one dataset alone: for statistics and releases, which are of a dataset and not of a type."""

from collections.abc import Sequence

from madang.govern.caller import PUBLIC
from madang.govern.opening import Opening, Terms, opening
from madang.model.access import Access, Sight
from madang.model.dataset import Dataset


def narrow(dataset: Dataset, opened: Opening, datasets: Sequence[Dataset], terms: Terms) -> Access:
    """What is open of the dataset, and of no other: entities that have a type besides are not seen at all, and of
    attributes that another dataset of the type declares as well only those that the public sees of it."""
    shown = opened.attributes if opened.attributes is not None else frozenset(dataset.attributes) or None
    closed = [
        one
        for one in datasets
        if one.type == dataset.type and one.id != dataset.id and opening(one, PUBLIC, terms) is None
    ]
    hidden = frozenset(name for one in closed for name in one.attributes)
    sight = Sight(attributes=shown, hidden=hidden, altered=opened.altered, admits=opened.admits)
    return Access(reason=opened.why, types={dataset.type: sight})
