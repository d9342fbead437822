"""Notifications to a broker that speaks TLS only: ETSI GS CIM 009 v1.9.1, 7.2 (mqtts). A broker and a certificate of
our own."""

import asyncio
import getpass
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from madang.errors import Undelivered
from madang.listen import free_port
from madang.model.parcel import Address, Parcel
from madang.notify import EveryCourier
from madang.settings import service_required

TOPIC = "madang/secure"
PARCEL = Parcel({"Content-Type": "application/json"}, msgspec.Raw(b'{"type":"Notification"}'))
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if OPENSSL is None or MOSQUITTO is None:
        if service_required():
            pytest.fail("mosquitto or openssl is missing")
        pytest.skip("mosquitto or openssl is missing")
    made = tmp_path / "certificate.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key.pem"))
    command = [OPENSSL, "req", "-x509", *key, "-out", str(made), "-days", "2", *names]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return made


@pytest.fixture
async def port(certificate: Path, tmp_path: Path) -> AsyncIterator[int]:
    """The port of a broker that has that certificate."""
    assert MOSQUITTO is not None
    chosen = free_port("127.0.0.1")
    files = f"certfile {certificate}\nkeyfile {tmp_path / 'key.pem'}\n"
    # Started by root, it would become a user who may not read these files.
    user = f"user {getpass.getuser()}\nallow_anonymous true\n"
    (tmp_path / "broker.conf").write_text(f"listener {chosen} 127.0.0.1\n{files}{user}")
    with (tmp_path / "broker.log").open("wb") as log:
        settings = str(tmp_path / "broker.conf")
        broker = await asyncio.create_subprocess_exec(MOSQUITTO, "-c", settings, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(10):
            while not await _listens(chosen):  # noqa: ASYNC110 (of a process of this test's own)
                await asyncio.sleep(0.05)
        yield chosen
    finally:
        broker.terminate()
        await broker.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("version", ["mqtt3.1.1", "mqtt5.0"])
async def test_a_trusted_broker_is_told(
    certificate: Path, port: int, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    trust = aiomqtt.TLSParameters(ca_certs=str(certificate))
    courier = EveryCourier(loopback=True)
    address = Address(uri=f"mqtts://localhost:{port}/{TOPIC}", options={"MQTT-QoS": "1", "MQTT-Version": version})
    async with aiomqtt.Client("localhost", port, tls_params=trust) as client, asyncio.timeout(10):
        await client.subscribe(TOPIC, qos=1)
        await courier.send(address, PARCEL)
        message = await anext(aiter(client.messages))
    await courier.close()
    assert msgspec.json.decode(bytes(message.payload)) == {
        "metadata": {"Content-Type": "application/json"},
        "body": {"type": "Notification"},
    }


async def test_a_broker_that_nobody_vouches_for_is_told_nothing(port: int) -> None:
    courier = EveryCourier(loopback=True)
    with pytest.raises(Undelivered, match="CERTIFICATE_VERIFY_FAILED"):
        await courier.send(Address(uri=f"mqtts://localhost:{port}/{TOPIC}"), PARCEL)
    await courier.close()
