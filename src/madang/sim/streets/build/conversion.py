"""A network made of a map by SUMO's netconvert, with options that make signals an engineer would accept.

Options: https://sumo.dlr.de/docs/netconvert.html; the choice is explained in docs/how-to/your-streets.md.
"""

from pathlib import Path

import msgspec

from madang.sim.streets.build import tool

_STREETS = (
    "--keep-edges.by-vclass",
    "passenger,bus",
    "--keep-edges.components",
    "1",
    "--remove-edges.isolated",
    "--geometry.remove",
    "--roundabouts.guess",
    "--ramps.guess",
    "--junctions.join",
    "--junctions.corner-detail",
    "5",
    "--no-turnarounds.except-deadend",
    "--osm.turn-lanes",
    "--output.street-names",
)

_SIGNALS = (
    # A signal of the map stands before or on its junction: it is the junction's.
    "--tls.guess-signals",
    "--tls.discard-simple",
    "--tls.join",
    "--tls.default-type",
    "static",
    # The plan that the city is compared with keeps the same rules as the city: 3 s yellow, 2 s all red.
    "--tls.yellow.time",
    "3",
    "--tls.allred.time",
    "2",
)

_FOUR_STREETS = "50"
"""Metres a second: the speeds of all streets that come to a junction, added up, from which a guess makes it signalised.
Four streets at 50 km/h come to 56; netconvert's own 69 leaves them without."""

ADVICE = "Is the extract whole, with all nodes of its ways? A rectangle cut out with complete ways is what is needed."


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the map does not say: on which side of the road traffic keeps, and whether junctions are signalised where
    the map shows no signal and their streets are large (netconvert's --tls.guess)."""

    left_hand: bool = False
    guess_signals: bool = False


def convert(osm: Path, net: Path, choice: Choice, *, log: Path, told: tool.Told) -> None:
    """Make the network. Raises StepFailed and MissingExtra."""
    maps = tool.home() / "data" / "typemap"
    types = [maps / "osmNetconvert.typ.xml", maps / "osmNetconvertUrbanDe.typ.xml"]
    arguments = ["--osm-files", osm, "--type-files", ",".join(map(str, types)), "--output-file", net]
    chosen = ["--lefthand"] * choice.left_hand + [
        "--tls.guess",
        "--tls.guess.threshold",
        _FOUR_STREETS,
    ] * choice.guess_signals
    told("netconvert makes the network")
    everything = [*arguments, *_STREETS, *_SIGNALS, *chosen]
    tool.program("netconvert", everything, log=log, told=told, advice=ADVICE)
