"""People of another organisation sign in with their provider (a certified one, in a process of its own), and its tokens
are taken on calls of the API."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import sync_playwright
from tests.journeys.visiting import ARGUMENTS, BROWSERS

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "frontend/node_modules/oidc-provider/lib/index.js"
API = "https://city.example/api"
SECRET = "a secret: 100% / +"
PATIENCE_S = 60.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory, require_services: bool) -> Iterator[tuple[str, str]]:
    """The hub's and the provider's."""
    node = shutil.which("node")
    if node is None or not LIBRARY.is_file():
        assert not require_services, "no node here, or no oidc-provider: in frontend/, npm ci"
        pytest.skip("no node here, or no oidc-provider: in frontend/, npm ci")
    folder = tmp_path_factory.mktemp("provider")
    (folder / "secret").write_text(SECRET + "\n")
    hub, provider = (f"http://{host}:{free_port()}" for host in ("127.0.0.1", "localhost"))
    settings = {
        "MADANG_OIDC_ISSUER": provider,
        "MADANG_OIDC_SECRET": str(folder / "secret"),
        "MADANG_OIDC_AUDIENCE": API,
        "MADANG_OIDC_SUBJECT": "urn:ngsi-ld:Person:{sub}",
        "MADANG_IDENTITY": "keys",
    }
    command = [sys.executable, "-m", "madang", "serve", str(ROOT / "cities/ingolstadt"), "--data", str(folder)]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, address, begin in (
            ("provider", provider, [node, str(Path(__file__).with_name("provider.mjs")), str(LIBRARY)]),
            ("hub", hub, command),
        ):
            port = str(urlsplit(address).port)
            begin = [*begin, port, f"{hub}/sign-in/back"] if name == "provider" else [*begin, "--port", port]
            log = folder / f"{name}.log"
            with log.open("wb") as out:
                running.append(subprocess.Popen(begin, stdout=out, stderr=out, env={**os.environ, **settings}))
            wait(address + ("/health" if name == "hub" else "/.well-known/openid-configuration"), running[-1], log)
        yield hub, provider
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(15)


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, headers={"User-Agent": "Mozilla/5.0"}) as client:
        yield client


def at_the_provider(browser: httpx.Client, hub: str, name: str) -> str:
    """Go to the provider and sign in there as `name`; the address by which it leads back."""
    answer = browser.get(f"{hub}/sign-in/with")
    assert answer.status_code == 303
    address = answer.headers["location"]
    for _ in range(12):
        if address.startswith(hub):
            return address
        answer = browser.get(address)
        if answer.is_redirect:
            address = str(answer.next_request.url) if answer.next_request else ""
            continue
        where = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert where and prompt, answer.text
        form = {"prompt": prompt[1], **({"login": name, "password": "any"} if prompt[1] == "login" else {})}
        answer = browser.post(str(httpx.URL(address).join(where[1])), data=form)
        address = str(answer.next_request.url) if answer.next_request else ""
    raise AssertionError(f"the provider does not lead back: {address}")


def sign_in(browser: httpx.Client, hub: str, name: str) -> httpx.Response:
    return browser.get(at_the_provider(browser, hub, name))


def test_an_operator_of_the_provider_is_one_here(browser: httpx.Client, addresses: tuple[str, str]) -> None:
    hub, _ = addresses
    assert "/sign-in/with" in browser.get(f"{hub}/sign-in").text
    done = sign_in(browser, hub, "boss")
    assert done.status_code == 200 and 'http-equiv="refresh"' in done.text
    strict = [cookie for cookie in done.headers.get_list("set-cookie") if "SameSite=Strict" in cookie]
    assert len(strict) == 1 and "HttpOnly" in strict[0]
    told = browser.get(f"{hub}/session").json()
    assert (told["name"], told["operator"], told["roles"]) == ("boss", True, ["operator"])
    assert told["subject"] == "urn:ngsi-ld:Person:boss"
    assert browser.get(f"{hub}/outbox").status_code == 200
    browser.delete(f"{hub}/session", headers={"Origin": hub})
    assert browser.get(f"{hub}/outbox").status_code == 403


def test_a_resident_is_not(browser: httpx.Client, addresses: tuple[str, str]) -> None:
    hub, _ = addresses
    sign_in(browser, hub, "kim")
    told = browser.get(f"{hub}/session").json()
    assert (told["name"], told["operator"], told["roles"]) == ("kim", False, ["resident"])
    assert browser.get(f"{hub}/outbox").status_code == 403


def test_what_the_provider_brings_back_holds_once_and_in_one_browser(
    browser: httpx.Client, addresses: tuple[str, str]
) -> None:
    hub, _ = addresses
    back = at_the_provider(browser, hub, "boss")
    with httpx.Client(headers={"User-Agent": "Mozilla/5.0"}) as victim:
        # Somebody sends the end of his own signing-in to another: who would then act as him.
        assert victim.get(back).status_code == 401
        assert victim.get(f"{hub}/session").json()["name"] == ""
    assert browser.get(back).status_code == 401, "it was spent"
    back = at_the_provider(browser, hub, "boss")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert browser.get(back.replace(state, "x" * len(state))).status_code == 401
    assert browser.get(back.replace("code=", "code=x")).status_code == 401
    assert browser.get(f"{hub}/sign-in/back?error=access_denied&state={state}").status_code == 401


def test_a_real_browser_comes_back_from_another_site_signed_in(
    addresses: tuple[str, str], require_services: bool
) -> None:
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        assert not require_services, "no Chromium on this machine"
        pytest.skip("no Chromium on this machine")
    hub, provider = addresses
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_context(locale="en-GB", java_script_enabled=False).new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        page.goto(f"{hub}/sign-in")
        page.get_by_role("link", name="organisation").click()
        page.wait_for_url(f"{provider}/interaction/**")
        page.locator("input[name=login]").fill("boss")
        page.locator("input[name=password]").fill("any")
        page.locator("button[type=submit]").click()
        page.locator("button[type=submit]").click()
        # The strict cookie came along on the way on: a redirect from the provider's site would have lost it.
        page.wait_for_url(f"{hub}/?lang=en")
        assert page.locator("a.who").inner_text() == "boss"
        browser.close()


def token(provider: str, **more: str) -> str:
    form = {"grant_type": "client_credentials", "scope": "api", **more}
    answer = httpx.post(f"{provider}/token", data=form, auth=("counter-7", "counter"), timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def test_a_token_for_this_api_is_taken_until_it_ends(addresses: tuple[str, str]) -> None:
    hub, provider = addresses
    given = token(provider, resource=API)
    headers = {"Authorization": f"Bearer {given}"}
    where = f"{hub}/ngsi-ld/v1/entities?type=TrafficSignal"
    begun = time.monotonic()
    assert httpx.get(where, headers=headers).status_code == 200
    wrong = httpx.get(where, headers={**headers, "Madang-Purpose": "care"})
    assert wrong.status_code == 403 and "'counter-7'" in wrong.json()["detail"] and "counting" in wrong.json()["detail"]
    ended: Any = None
    while time.monotonic() - begun < 60:
        ended = httpx.get(where, headers=headers)
        if ended.status_code != 200:
            break
        time.sleep(0.5)
    assert ended.status_code == 401 and "www-authenticate" in ended.headers
    assert time.monotonic() - begun > 3


def test_a_token_that_was_changed_is_not(addresses: tuple[str, str]) -> None:
    hub, provider = addresses
    head, body, signature = token(provider, resource=API).split(".")
    for changed in (
        f"{head}.{body[:-2]}AA.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "a.b.c",
        f"{head}.{body}.",
    ):
        answer = httpx.get(f"{hub}/city", headers={"Authorization": f"Bearer {changed}"}, timeout=20)
        reads = httpx.get(f"{hub}/outbox", headers={"Authorization": f"Bearer {changed}"}, timeout=20)
        assert reads.status_code == 401, (changed, answer.status_code)
