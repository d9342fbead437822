"""Who comes from where: feeders lie upstream, nearest first, with a way that is as long as it says."""

from madang.sim.streets.layout import layouts
from madang.sim.streets.network import Network
from madang.sim.streets.upstream import FAR_M, feeders


def test_feeders_are_movements_of_other_signals_within_reach(cologne: Network) -> None:
    found = layouts(cologne)
    fed = [(layout, edge, each) for layout in found.values() for edge, row in layout.feeders.items() for each in row]
    assert fed
    for layout, edge, feeder in fed:
        assert edge in {link.from_lane.rpartition("_")[0] for link in layout.links}
        assert feeder.link in {link.link for link in found[feeder.signal].links}
        assert 0 < feeder.distance_m <= FAR_M
        assert feeder.time_s > 0
        assert 0 < feeder.share <= 1


def test_the_nearest_come_first_and_an_edge_without_any_has_none(cologne: Network) -> None:
    edges = list(cologne.edges)
    for row in feeders(cologne, edges).values():
        assert [each.distance_m for each in row] == sorted(each.distance_m for each in row)
    assert feeders(cologne, ["nowhere"]) == {"nowhere": ()}
