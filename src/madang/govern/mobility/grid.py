"""A box of a city cut into cells: of each the name, the middle and the outline."""

import math
from typing import Any, Final, NamedTuple

from madang.errors import BadRequestData

MOST_CELLS: Final = 400
"""Flows are between every two cells: of 400 there are 160,000, and each gets its noise."""

_METRES: Final = 6_371_008.8 * math.pi / 180
"""Of a degree of latitude, on a sphere with the Earth's mean radius."""


class Grid(NamedTuple):
    """`columns` by `rows` cells from the box's south-west corner; `width` and `height` are a cell's, in degrees."""

    west: float
    south: float
    width: float
    height: float
    columns: int
    rows: int

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.columns * self.rows

    def cell(self, longitude: float, latitude: float) -> int | None:
        """The number of the cell that the place is in; None outside the box."""
        column = math.floor((longitude - self.west) / self.width)
        row = math.floor((latitude - self.south) / self.height)
        return row * self.columns + column if 0 <= column < self.columns and 0 <= row < self.rows else None

    def name(self, cell: int) -> str:
        """Column and row from the south-west, from 1."""
        return f"{cell % self.columns + 1}/{cell // self.columns + 1}"

    def middle(self, cell: int) -> tuple[float, float]:
        """Longitude and latitude of the cell's middle."""
        column, row = cell % self.columns, cell // self.columns
        return self.west + (column + 0.5) * self.width, self.south + (row + 0.5) * self.height

    def outline(self, cell: int) -> dict[str, Any]:
        """The cell as a GeoJSON polygon."""
        x, y = self.middle(cell)
        west, east, south, north = x - self.width / 2, x + self.width / 2, y - self.height / 2, y + self.height / 2
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [[[round(a, 7), round(b, 7)] for a, b in ring]]}

    def line(self, start: int, end: int) -> dict[str, Any]:
        """From the middle of a cell to that of another, as a GeoJSON line."""
        places = [[round(a, 7) for a in self.middle(cell)] for cell in (start, end)]
        return {"type": "LineString", "coordinates": places}


def grid(box: tuple[float, ...], cell_m: float) -> Grid:
    """Cells of about `cell_m` over a box (west, south, east, north; degrees). Raises BadRequestData for no box, or one
    of too many cells."""
    if len(box) != 4 or not all(map(math.isfinite, box)):
        raise BadRequestData("the box is west, south, east, north in degrees")
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 < south < north < 90) or not cell_m > 0:
        raise BadRequestData("the box is west, south, east, north in degrees, and a cell has a size above 0 m")
    wide_m = (east - west) * _METRES * math.cos(math.radians((south + north) / 2))
    columns, rows = max(1, math.ceil(wide_m / cell_m)), max(1, math.ceil((north - south) * _METRES / cell_m))
    if columns * rows > MOST_CELLS:
        raise BadRequestData(f"{columns} by {rows} cells: at most {MOST_CELLS}; make them larger, or the box smaller")
    return Grid(west, south, (east - west) / columns, (north - south) / rows, columns, rows)
