"""Every page in every language, light and dark, with and without its script: what axe-core finds, what does not fit a
phone, what ran that must not.

    .venv/bin/python tests/bench/barriers.py [--languages en,th] [--only /worth] [--minutes 5] [--kept FILE]

Needs Chromium, the built interface and axe-core (``npm ci`` in frontend/). A page comes once for both themes, and once
where it has no script. With `--kept` what was seen is written down, and seen again only where something was wrong.
Every run of the tests walks over a part of it: tests/journeys/test_everybody.py.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from msgspec.structs import replace
from playwright.sync_api import Browser, Error, sync_playwright
from tests.journeys.square import addresses, owned, square
from tests.journeys.visiting import ARGUMENTS, BROWSERS
from tests.journeys.walking import OPERATOR, THEMES, Stop, Walk, walk

from madang.web.language import LANGUAGES

Seen = dict[str, list[str]]


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--languages", default=",".join(LANGUAGES))
    given.add_argument("--only", default="", help="pages whose address begins so")
    given.add_argument("--minutes", type=float, default=60, help="then stop; the order is drawn, so it is a sample")
    given.add_argument("--kept", type=Path, help="where to go on: what was seen before and was well")
    arguments = given.parse_args()
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    begun = time.monotonic()
    seen = _before(arguments.kept)
    with (
        tempfile.TemporaryDirectory() as folder,
        square(Path(folder) / "log") as (city, names),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        called = {path: name for name, path in _called(names).items()}
        paths = [path for path in addresses(names) if path.startswith(arguments.only)]
        stops = [Stop(path) for path in paths] + [
            Stop(path, by=OPERATOR) for path in owned(names) if path.startswith(arguments.only)
        ]
        pages = [replace(one, language=tag) for one in stops for tag in arguments.languages.split(",")]
        random.Random(1).shuffle(pages)
        for stop, found in _walked(browser, city, pages, called, seen):
            seen[stop] = found
            if found:
                print(f"{stop}\n    " + "\n    ".join(found), flush=True)
            if arguments.kept:
                with arguments.kept.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps([stop, found]) + "\n")
            if time.monotonic() - begun > 60 * arguments.minutes:
                break
        browser.close()
    wanted = {_name(one, called) for page in pages for one in _four(page)}
    bad = sum(1 for stop in wanted if seen.get(stop))
    spent_s = time.monotonic() - begun
    print(f"{len(stops)} pages, {len(wanted & seen.keys())} of {len(wanted)} stops, {bad} bad, {spent_s:.0f} s")
    return 1 if bad else 0


def _before(kept: Path | None) -> Seen:
    """What an earlier run saw and found well."""
    if kept is None or not kept.exists():
        return {}
    return {stop: found for stop, found in map(json.loads, kept.read_text("utf-8").splitlines()) if not found}


def _called(names: dict[str, str]) -> dict[str, str]:
    """The names of this run's things: the next run has others, and the same stops."""
    return {f"<{name}>": value for name, value in names.items() if len(value) > 6}


def _walked(
    browser: Browser, city: str, pages: Sequence[Stop], called: dict[str, str], seen: Seen
) -> Iterator[tuple[str, list[str]]]:
    """Each stop that is still to be seen, and what is wrong there."""
    with walk(browser, city) as walked:
        for stop in pages:
            if all(_name(one, called) in seen for one in _four(stop)):
                continue
            both = _look(walked, stop)
            with_script = _look(walked, replace(stop, script=True)) if walked.has_script else both
            for one, found in zip(_four(stop), (*both, *with_script), strict=True):
                yield _name(one, called), found


def _four(stop: Stop) -> list[Stop]:
    return [replace(stop, theme=theme, script=script) for script in (False, True) for theme in THEMES]


def _name(stop: Stop, called: dict[str, str]) -> str:
    name = str(stop)
    for value, meant in called.items():
        name = name.replace(value, meant)
    return name


def _look(walked: Walk, stop: Stop) -> tuple[list[str], list[str]]:
    try:
        return walked.see_both(stop)
    except Error as error:
        return [f"{type(error).__name__}: {error.message[:200]}"], []


if __name__ == "__main__":
    sys.exit(main())
