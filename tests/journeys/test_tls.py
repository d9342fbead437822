"""A hub that speaks TLS itself: machines are known by their certificates, browsers are not, cookies stay secure."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[2]
CITY = ROOT / "cities/ingolstadt"
PATIENCE_S = 60.0


class Authority:
    """Signs certificates, and is one itself."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        found = self._signed(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        self.file.write_bytes(found.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate for 127.0.0.1 and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._signed(subject, key.public_key(), x509.BasicConstraints(ca=False, path_length=None))
        certificate, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
        return certificate, secret

    def _signed(self, subject: x509.Name, key: Any, basic: x509.BasicConstraints) -> x509.Certificate:
        now = datetime.now(UTC)
        here = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        made = made.serial_number(x509.random_serial_number()).add_extension(basic, critical=True)
        made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        return made.add_extension(here, critical=False).sign(self.key, hashes.SHA256())


def madang(*words: str) -> str:
    command = [sys.executable, "-m", "madang", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


class Hub:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.authority, self.other = Authority(folder, "authority"), Authority(folder, "another-authority")
        certificate, key = self.authority.issue("hub")
        settings = {
            "MADANG_TLS_CERT": str(certificate),
            "MADANG_TLS_KEY": str(key),
            "MADANG_TLS_CLIENT_CA": str(self.authority.file),
            "MADANG_IDENTITY": "keys",
            "MADANG_DATA": str(folder / "data"),
        }
        self.device = self.authority.issue("meter-7")
        made = ("--name", "meter-7", "--role", "operator", "--certificate", str(self.device[0]))
        self.told = madang("key", "add", str(CITY), *made, "--data", str(folder / "data"))
        self.folder = folder
        with (folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "madang", "serve", str(CITY), "--port", str(self.port)]
            self.process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)

    def client(self, shown: tuple[Path, Path] | None = None, **headers: str) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.authority.file))
        if shown is not None:
            context.load_cert_chain(*shown)
        return httpx.Client(base_url=f"https://localhost:{self.port}", verify=context, headers=headers, timeout=10)

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with self.client() as client:
                    if client.get("/health").is_success:
                        return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text()[-2000:])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = Hub(tmp_path_factory.mktemp("tls"))
    try:
        made.wait()
        yield made
    finally:
        made.process.terminate()
        made.process.wait(15)


def who(client: httpx.Client) -> int:
    """200 for an operator, 403 for the public."""
    with client:
        return client.get("/outbox").status_code


def test_a_machine_is_known_by_its_certificate(hub: Hub) -> None:
    assert "mdg_" not in hub.told and "meter-7" in hub.told
    assert who(hub.client(hub.device)) == 200
    assert who(hub.client()) == 403
    assert who(hub.client(hub.authority.issue("meter-8"))) == 403, "signed, and nobody here"
    with hub.client(hub.device) as client:
        assert client.get("/session").json()["name"] == "meter-7"


def test_a_certificate_of_another_authority_opens_no_connection(hub: Hub) -> None:
    with pytest.raises(httpx.HTTPError), hub.client(hub.other.issue("meter-9")) as client:
        client.get("/health")


@pytest.mark.parametrize("mark", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_browser_that_shows_one_for_any_page_is_not_known_by_it(hub: Hub, mark: dict[str, str]) -> None:
    assert who(hub.client(hub.device, **mark)) == 403


def test_a_certificate_that_was_revoked_here_opens_nothing(hub: Hub) -> None:
    device = hub.authority.issue("meter-10")
    data = ("--data", str(hub.folder / "data"))
    made = madang("key", "add", str(CITY), "--name", "m", "--role", "operator", "--certificate", str(device[0]), *data)
    deadline = time.monotonic() + PATIENCE_S
    while who(hub.client(device)) != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    madang("key", "revoke", str(CITY), made.partition(":")[0], *data)
    while who(hub.client(device)) != 403 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert time.monotonic() < deadline


def test_over_tls_cookies_are_secure_and_browsers_come_back_by_it(hub: Hub) -> None:
    token = madang("people", "link", str(CITY), "--data", str(hub.folder / "data")).strip().rpartition("/")[2]
    here = {"Origin": f"https://localhost:{hub.port}", "Sec-Fetch-Site": "same-origin"}
    with hub.client(**here) as client:
        answer = client.post("/session", json={"link": token})
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-madang-ingolstadt=") and "; Secure" in cookie
        for path in ("/", "/city", "/ngsi-ld/v1/entities?type=Vehicle", "/nowhere"):
            assert "max-age=" in client.get(path).headers["strict-transport-security"], path
        assert client.get("/session").json()["operator"] is True
