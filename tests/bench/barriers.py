"""Every page in every language, light and dark, with and without its script: what axe-core finds, what does not fit a
phone, what ran that must not.

    .venv/bin/python tests/bench/barriers.py [--languages en,th] [--only /worth] [--minutes 5]

Needs Chromium, the built interface and axe-core (``npm ci`` in frontend/). Some minutes; every run of
the tests walks over a part of it: tests/journeys/test_everybody.py.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright
from tests.journeys.square import addresses, square
from tests.journeys.visiting import ARGUMENTS, BROWSERS
from tests.journeys.walking import every, walk

from madang.web.language import LANGUAGES


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--languages", default=",".join(LANGUAGES))
    given.add_argument("--only", default="", help="pages whose address begins so")
    given.add_argument("--minutes", type=float, default=60, help="then stop; the order is drawn, so it is a sample")
    arguments = given.parse_args()
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    begun, seen, bad = time.monotonic(), 0, 0
    with (
        tempfile.TemporaryDirectory() as folder,
        square(Path(folder) / "log") as (city, names),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        paths = [path for path in addresses(names) if path.startswith(arguments.only)]
        with walk(browser, city) as walked:
            stops = every(paths, arguments.languages.split(","))
            random.Random(1).shuffle(stops)
            for stop in stops:
                if time.monotonic() - begun > 60 * arguments.minutes:
                    break
                seen += 1
                if found := walked.see(stop):
                    bad += 1
                    print(f"{stop}\n    " + "\n    ".join(found), flush=True)
        browser.close()
    spent_s = time.monotonic() - begun
    print(f"{len(paths)} pages, {seen} of {len(stops)} stops, {bad} with something wrong, {spent_s:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
