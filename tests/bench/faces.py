"""What is removed of faces in photos, and what is missed: one face (a portrait by NASA that scikit-image brings), in
many sizes, tilts, lights and halves, on photos without people; and what of these is removed for nothing.

    .venv/bin/python tests/bench/faces.py

It is one person's face. How well others are found is not measured here; published tests of such detectors find fewer of
some people's faces than of others'.
"""

import io
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy
import skimage
from PIL import Image, ImageEnhance

from madang.participate.photos import develop

DATA = Path(skimage.__file__).parent / "data"
GROUNDS = ("brick.png", "coffee.png", "gravel.png", "grass.png", "rocket.jpg", "motorcycle_left.png", "chelsea.png")
SIZES = (16, 24, 32, 64, 128)
"""Height of the face, chin to hair, in pixels of a photo 1000 wide."""
TILTS = (0, 20, 40, 90, 200)
LOOKS = ("plain", "dark", "upper half", "lower half", "left half")


def main() -> None:
    face = Image.open(DATA / "astronaut.png").convert("RGB").crop((172, 58, 272, 172))
    print(f"{'face, px':>10}", *(f"{look:>12}" for look in LOOKS))
    for size in SIZES:
        cells = [removed(face, size, look) for look in LOOKS]
        print(f"{size:>10}", *(f"{found:>6}/{of:<5}" for found, of in cells), flush=True)
    took, nothing = [], {}
    for name in GROUNDS:
        started = time.process_time()
        nothing[name] = develop(jpeg(ground(name))).faces
        took.append(time.process_time() - started)
    print("removed for nothing:", ", ".join(f"{name} {count}" for name, count in nothing.items()))
    print(f"seconds of a core a photo: median {sorted(took)[len(took) // 2]:.2f}, most {max(took):.2f}")


def removed(face: Image.Image, size: int, look: str) -> tuple[int, int]:
    """In how many photos nothing of the face is left at its middle, and of how many."""
    found = of = 0
    for (spot, name), tilt in itertools.product(places(), TILTS):
        photo = ground(name)
        small = (
            looked(face, look)
            .resize((max(1, size * 100 // 114), size))
            .rotate(tilt, expand=True, fillcolor=(96, 96, 96))
        )
        photo.paste(small, (spot[0] - small.width // 2, spot[1] - small.height // 2))
        after = Image.open(io.BytesIO(develop(jpeg(photo)).body)).convert("L")
        half = max(2, size // 8)
        part = numpy.asarray(after)[spot[1] - half : spot[1] + half, spot[0] - half : spot[0] + half]
        found, of = found + (part.std() < 3), of + 1
    return found, of


def places() -> Iterator[tuple[tuple[int, int], str]]:
    yield (650, 400), "coffee.png"


def looked(face: Image.Image, look: str) -> Image.Image:
    made = face.copy()
    if look == "dark":
        return ImageEnhance.Brightness(made).enhance(0.35)
    halves = {"upper half": (0, 57, 100, 114), "lower half": (0, 0, 100, 57), "left half": (50, 0, 100, 114)}
    if look in halves:
        made.paste((96, 96, 96), halves[look])
    return made


def ground(name: str) -> Image.Image:
    return Image.open(DATA / name).convert("RGB").resize((1000, 750))


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
