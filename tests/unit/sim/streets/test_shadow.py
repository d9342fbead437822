"""A twin's lamps are told when they change, and again where they last."""

from datetime import UTC, datetime, timedelta

from madang.sim.streets.shadow import Shadow

START = datetime(2026, 5, 4, 7, tzinfo=UTC)


def test_lamps_are_told_when_they_change_and_every_ten_seconds() -> None:
    lamps: dict[str, str] = {}
    shadow = Shadow(lamps, ["a#1", "b"])
    told: list[tuple[int, str, str]] = []
    for second in range(25):
        if second == 1:
            lamps.update({"a#1": "Gr"})
        if second == 5:
            lamps.update({"a#1": "yr", "b": "rG"})
        for entity in shadow.report(second, START + timedelta(seconds=second)):
            told.append((second, entity.id.rpartition(":")[2], entity.value("lamps")))
    assert told == [
        (1, "a.1", "Gr"),
        (5, "a.1", "yr"),
        (5, "b", "rG"),
        (15, "a.1", "yr"),
        (15, "b", "rG"),
    ]
