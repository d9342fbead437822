"""Where an address leads, however it is written."""

import pytest

from madang.model.network import Network, network


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("93.184.216.34", Network.PUBLIC),
        ("2606:2800:220:1::1", Network.PUBLIC),
        ("64:ff9b::5db8:d822", Network.PUBLIC),
        ("127.0.0.1", Network.LOOPBACK),
        ("::1", Network.LOOPBACK),
        ("::ffff:127.0.0.1", Network.LOOPBACK),
        ("64:ff9b::7f00:1", Network.LOOPBACK),
        ("169.254.169.254", Network.PRIVATE),
        ("64:ff9b::a9fe:a9fe", Network.PRIVATE),
        ("2002:a9fe:a9fe::1", Network.PRIVATE),
        ("::169.254.169.254", Network.PRIVATE),
        ("fe80::1%eth0", Network.PRIVATE),
        ("2001:0:a00:1::1", Network.PRIVATE),
        ("0.0.0.0", Network.NOBODY),
        ("::", Network.NOBODY),
        ("ff02::1", Network.NOBODY),
        ("::ffff:0.0.0.0", Network.NOBODY),
    ],
)
def test_the_network_of_an_address(text: str, kind: Network) -> None:
    assert network(text) is kind


@pytest.mark.parametrize("text", ["", "city.example", "0177.0.0.1", "2130706433", "127.1", "1.2.3.4.5"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        network(text)
