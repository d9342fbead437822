"""What the data's own words are called on the pages: in English here, in other languages by the catalogues."""

CONTROL = {
    "service": "Decided by the service",
    "plan": "Fixed plan",
    "override": "Operator's override",
}
"""Who controls a junction (``TrafficSignal.control``)."""

LAMP = {"r": "red", "y": "yellow", "g": "green", "u": "red and yellow", "o": "off"}
"""The lamps of one link (``TrafficSignal.lamps``), in lower case."""

PART = {"running": "running", "starting": "starting", "gone": "gone"}
"""How a part of the system is (``/health``)."""


def called(names: dict[str, str], word: object) -> str:
    """The name of a word of the data, or the word itself where it has none."""
    return names.get(str(word).lower(), str(word))
