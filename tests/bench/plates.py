"""What is removed of number plates in photos, and what is missed: drawn plates (dark signs on a light ground, of the
shape of European ones) on drawn cars, in many widths, tilts and lights, on photos without cars; and what of these is
removed for nothing.

    .venv/bin/python tests/bench/plates.py

Drawn plates are level and clean. Real ones are dirty, seen from the side, short, or light on dark: how many of these
are found, nothing here says.
"""

import itertools
import math
import sys
import time
from pathlib import Path

import numpy
import skimage
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from madang.participate.plates import finder

DATA = Path(skimage.__file__).parent / "data"
GROUNDS = ("brick.png", "coffee.png", "gravel.png", "grass.png", "rocket.jpg", "motorcycle_left.png", "chelsea.png")
WIDTHS = (45, 60, 90, 160)
"""Of the plate, in pixels of a photo 1000 wide."""
TILTS = (0, 5, 10, 15, 20)
TEXTS = ("IN AB 123", "M XY 4567", "ABC 1234")
BODY = (70, 75, 85)


def main() -> None:
    find = finder()
    if find is None:
        sys.exit("the extra 'photos' is not installed")
    print(f"{'plate, px':>10}", *(f"{f'{tilt} degrees':>12}" for tilt in TILTS), f"{'dark':>12}")
    for width in WIDTHS:
        cells = [*(found(find, width, tilt) for tilt in TILTS), found(find, width, 0, light=0.35)]
        print(f"{width:>10}", *(f"{hits:>6}/{of:<5}" for hits, of in cells), flush=True)
    took, nothing = [], {}
    for name in GROUNDS:
        started = time.process_time()
        nothing[name] = len(find(numpy.asarray(ground(name))))
        took.append(time.process_time() - started)
    print("removed for nothing:", ", ".join(f"{name} {count}" for name, count in nothing.items()))
    print(f"seconds of a core a photo: median {sorted(took)[len(took) // 2]:.2f}, most {max(took):.2f}")


def found(find, width: int, tilt: float, *, light: float = 1.0) -> tuple[int, int]:
    """On how many photos a box has the plate's middle and most of its width, and of how many."""
    hits = of = 0
    for name, text in itertools.product(("coffee.png", "gravel.png"), TEXTS):
        photo, (column, row) = street(ground(name), text, width, tilt, light)
        boxes = find(numpy.asarray(photo))
        hits += any(
            left <= column <= left + wide and top <= row <= top + high and wide >= 0.6 * width
            for left, top, wide, high in boxes
        )
        of += 1
    return hits, of


def street(photo: Image.Image, text: str, width: int, tilt: float, light: float) -> tuple[Image.Image, tuple[int, int]]:
    """The photo with a car's back on it, and where its plate has its middle."""
    sign = plate(text)
    high, wide = sign.height, sign.width
    car = Image.new("RGB", (int(wide * 3.2), high * 6), BODY)
    car.paste((40, 42, 48), (0, 0, car.width, int(high * 1.6)))
    car.paste(sign, ((car.width - wide) // 2, high * 3))
    scale = width / wide
    small = car.resize((int(car.width * scale), int(car.height * scale)), Image.Resampling.LANCZOS)
    small = ImageEnhance.Brightness(small).enhance(light).rotate(tilt, expand=True, fillcolor=BODY)
    photo.paste(small, (500 - small.width // 2, 375 - small.height // 2))
    below = 0.5 * high * scale
    return photo, (
        round(500 + below * math.sin(math.radians(tilt))),
        round(375 + below * math.cos(math.radians(tilt))),
    )


def plate(text: str, high: int = 110) -> Image.Image:
    """520 by 110 mm, as in Europe, a pixel a millimetre."""
    made = Image.new("RGB", (high * 520 // 110, high), "white")
    drawing = ImageDraw.Draw(made)
    drawing.rectangle((0, 0, high * 0.38, high), fill=(0, 51, 153))
    drawing.rounded_rectangle((1, 1, made.width - 2, high - 2), radius=high // 10, outline="black", width=4)
    drawing.text((high * 0.5, high * 0.08), text, fill="black", font=ImageFont.load_default(high * 0.75))
    return made


def ground(name: str) -> Image.Image:
    return Image.open(DATA / name).convert("RGB").resize((1000, 750))


if __name__ == "__main__":
    sys.exit(main())
