"""Which addresses may be notified."""

import pytest

from madang.errors import Undelivered
from madang.notify.reach import Reach

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "city.example"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1"]
PRIVATE = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1"]
PRIVATE += ["64:ff9b::a00:1", "2002:a00:1::", "::10.0.0.1", "100.64.0.1"]
NOBODY = ["0.0.0.0", "::", "224.0.0.1", "ff02::1"]


@pytest.mark.parametrize(
    ("reach", "open_"),
    [
        (Reach(loopback=False, private=False), PUBLIC),
        (Reach(loopback=True, private=False), [*PUBLIC, *LOOPBACK]),
        (Reach(loopback=False, private=True), [*PUBLIC, *LOOPBACK, *PRIVATE]),
    ],
)
def test_what_is_open(reach: Reach, open_: list[str]) -> None:
    every = [*PUBLIC, *LOOPBACK, *PRIVATE, *NOBODY]
    assert [host for host in every if reach.why_not(host) is None] == open_


async def test_a_name_is_judged_by_what_it_stands_for() -> None:
    with pytest.raises(Undelivered, match="private network"):
        await Reach(loopback=False, private=False).resolve("localhost", 80)
    found = await Reach(loopback=True, private=False).resolve("localhost", 80)
    assert {address for _, address in found} <= {"127.0.0.1", "::1"}


async def test_a_name_that_stands_for_nothing() -> None:
    with pytest.raises(Undelivered, match="cannot be resolved"):
        await Reach(loopback=True, private=True).resolve("nothing.invalid", 80)
