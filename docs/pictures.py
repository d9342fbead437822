"""Takes the pictures of docs/page.md from a running city, as a phone, a tablet and a desk have it, light and dark.

    .venv/bin/python docs/pictures.py http://127.0.0.1:8000

Needs Chromium. A picture shows what the city does at that time, so it is another each time; look at them before you
commit them.
"""

import io
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

from madang.clock import monotonic_s

IMAGES = Path(__file__).parent / "images"
# WebGL drawn in software, so that a machine without a screen draws the map, too.
ARGUMENTS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"]
PATIENCE_MS = 120_000
# After so long what happened after a decision is told.
OVER = timedelta(seconds=90)
PICTURES = (
    # Name, address, width and height in CSS pixels, theme, with its script.
    ("city-1440-light", "/?lang=en", (1440, 900), "light", True),
    ("city-1440-dark", "/?lang=ko#JUNCTION", (1440, 900), "dark", True),
    ("city-768-dark", "/?lang=vi", (768, 1024), "dark", True),
    ("city-320-light", "/?lang=hi", (320, 640), "light", True),
    ("what-if-1440-light", "/?lang=en&mode=what-if&at=THEN#WEIGHED", (1440, 900), "light", True),
    ("waits-1440-light", "/?lang=en&view=waits", (1440, 900), "light", True),
    ("junction-768-light", "/junctions/JUNCTION?lang=de", (768, 1024), "light", False),
    ("committees-768-light", "/committees?lang=th", (768, 1024), "light", False),
    ("report-320-dark", "/report?lang=id", (320, 640), "dark", False),
    ("sensed-1440-light", "/sensed?lang=en", (1440, 900), "light", False),
    ("worth-1440-dark", "/worth/signals?lang=en", (1440, 900), "dark", True),
    ("fault-320-light", "/nowhere?lang=ko", (320, 640), "light", False),
)


def main() -> None:
    city = sys.argv[1].rstrip("/")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for name, path, (width, height), theme, script in PICTURES:
            size = {"width": width, "height": height}
            context = browser.new_context(
                viewport=size, color_scheme="dark" if theme == "dark" else "light", java_script_enabled=script
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(city + _filled(context, city, path))
            _settled(page, path, script=script)
            _save(page.screenshot(), IMAGES / f"{name}.webp")
            context.close()
        browser.close()


def _filled(context: BrowserContext, city: str, path: str) -> str:
    """The address with the junction that was decided last, or with that of a minute ago where most was at stake."""
    decided = context.request.get(f"{city}/decisions?service=signals&limit=500").json()["decisions"]
    newest = datetime.fromisoformat(decided[0]["at"])
    over = [one for one in decided if newest - datetime.fromisoformat(one["at"]) > OVER and one["alternatives"]]
    then = max(over or decided, key=lambda one: min((each["score"] for each in one["alternatives"]), default=0.0))
    names = {"JUNCTION": decided[0]["target"], "WEIGHED": then["target"]}
    for word, target in names.items():
        path = path.replace(word, target.rpartition(":")[2])
    return path.replace("THEN", then["at"])


def _settled(page: Page, path: str, *, script: bool) -> None:
    """The map has its streets, its signals and its vehicles, and stood a while."""
    deadline = monotonic_s() + PATIENCE_MS / 1000
    while script and path.startswith("/?") and monotonic_s() < deadline:
        moving = "true" if "at=" in path else "s.vehicles"
        if page.evaluate(f"(s => s?.ready && s.lamps && {moving})(window.madang?.state)"):
            page.wait_for_timeout(8_000)
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(1_000)


def _save(picture: bytes, target: Path) -> None:
    Image.open(io.BytesIO(picture)).convert("RGB").save(target, "WEBP", quality=72, method=6)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
