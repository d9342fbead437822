"""Licences that a dataset may name, with the addresses by which catalogues know them."""

from typing import Final, NamedTuple


class Licence(NamedTuple):
    """Its SPDX id, its title, its address; whether it is open by the Open Definition 2.1."""

    id: str
    title: str
    url: str
    is_open: bool = True


LICENCES: Final = {
    one.id: one
    for one in (
        Licence("CC0-1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        Licence(
            "CC-BY-SA-4.0",
            "Creative Commons Attribution-ShareAlike 4.0",
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        Licence("ODbL-1.0", "Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
        Licence("ODC-By-1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/"),
        Licence("KOGL-1", "Korea Open Government License, type 1", "https://www.kogl.or.kr/info/license.do#01-tab"),
    )
}


def licence(id: str) -> Licence:
    """The licence of that id; one that is not known is named and not said to be open."""
    return LICENCES.get(id) or Licence(id, id, f"urn:madang:licence:{id}", is_open=False)
