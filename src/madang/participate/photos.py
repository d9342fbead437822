"""Photos as they may be shown: never the bytes that were sent. Decoded within bounds, made smaller, faces and number
plates removed, and written anew as a JPEG without any metadata (where it was taken, with what, by whom)."""

import io
import threading
import warnings
from functools import lru_cache
from typing import Final

import msgspec
import numpy
from PIL import Image, ImageOps, UnidentifiedImageError

from madang.errors import BadRequestData, PayloadTooLarge
from madang.participate.faces import Box, finder
from madang.participate.plates import finder as plates_finder

BYTES: Final = 8_000_000
"""Of a photo that is sent, at most."""
PIXELS: Final = 40_000_000
"""Of a photo that is sent, at most: a small file may claim to be large."""
SIDE: Final = 1280
"""Pixels of the longer side of a photo that is kept."""
FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIC: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
"""How files of that family begin (ISO/IEC 23008-12). What decodes them in Python brings libraries under the LGPL, and
phones send a JPEG where a page asks for one."""
QUALITY: Final = 82
_MARGIN: Final = 0.25
"""Of a face's box, hidden around it too: hair and chin tell who it is as well."""

_LOOKING = threading.Lock()


class Developed(msgspec.Struct, frozen=True):
    """A photo made anew: a JPEG, and how many faces and number plates were removed; None: nobody looked, so staff has
    to."""

    body: bytes
    faces: int | None
    plates: int | None = None


def develop(sent: bytes) -> Developed:
    """The photo as it may be kept. Takes up to some seconds: call it on a thread. Raises PayloadTooLarge,
    BadRequestData."""
    if len(sent) > BYTES:
        raise PayloadTooLarge(f"the photo has {len(sent)} bytes; at most {BYTES}")
    picture = _read(sent)
    with _LOOKING:
        faces, plates = (find and find(numpy.asarray(picture)) for find in (_finder(), _plates()))
    for box in (*(faces or ()), *(plates or ())):
        _hide(picture, box)
    out = io.BytesIO()
    # A new file of a picture that never had a file: nothing of the old one's metadata can be in it.
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(out, "JPEG", quality=QUALITY, optimize=True)
    counts = [None if boxes is None else len(boxes) for boxes in (faces, plates)]
    return Developed(out.getvalue(), *counts)


def _read(sent: bytes) -> Image.Image:
    if sent[4:8] == b"ftyp" and sent[8:12] in _HEIC:
        raise BadRequestData("the photo is HEIC, which is not read here; send it as a JPEG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(sent), formats=FORMATS) as opened:
                width, height = opened.size
                if width * height > PIXELS:
                    raise PayloadTooLarge(
                        f"the photo has {width} x {height} pixels; at most {PIXELS // 1_000_000} million"
                    )
                opened.draft("RGB", (SIDE, SIDE))
                # As it was meant to be seen: that too is metadata, and goes.
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((SIDE, SIDE))
                flat = Image.new("RGB", upright.size, "white")
                flat.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
                return flat
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadRequestData(f"the photo is none of {', '.join(FORMATS)}, or too large") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadRequestData("the photo cannot be read: it is cut short or broken") from error


def _hide(picture: Image.Image, box: Box) -> None:
    """Nothing of a face or a plate is left but one colour: what is only blurred can be guessed again."""
    left, top, wide, high = box
    more_x, more_y = int(wide * _MARGIN), int(high * _MARGIN)
    spot = (
        max(0, left - more_x),
        max(0, top - more_y),
        min(picture.width, left + wide + more_x),
        min(picture.height, top + high + more_y),
    )
    if spot[2] <= spot[0] or spot[3] <= spot[1]:
        return
    colour = picture.crop(spot).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    picture.paste(colour if isinstance(colour, tuple) else (128, 128, 128), spot)


@lru_cache(maxsize=1)
def _finder():
    return finder()


@lru_cache(maxsize=1)
def _plates():
    return plates_finder()
