"""Photos drawn by code, for the demo and the tests: landscapes, each another one, with its name on it."""

from collections.abc import Callable
from colorsys import hls_to_rgb
from functools import cache
from pathlib import Path
from random import Random

import pyvips

FONT_FILE = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")

_GPS = {
    "exif-ifd3-GPSLatitudeRef": "N",
    "exif-ifd3-GPSLatitude": "52/1 13/1 47/1",
    "exif-ifd3-GPSLongitudeRef": "E",
    "exif-ifd3-GPSLongitude": "21/1 0/1 42/1",
}
_AS_STORED: dict[int, Callable[[pyvips.Image], pyvips.Image]] = {
    1: lambda upright: upright,
    2: lambda upright: upright.fliphor(),
    3: lambda upright: upright.rot180(),
    4: lambda upright: upright.flipver(),
    5: lambda upright: upright.rot90().fliphor(),
    6: lambda upright: upright.rot270(),
    7: lambda upright: upright.rot270().fliphor(),
    8: lambda upright: upright.rot90(),
}
"""Pixels as a camera that was held so stores them, by EXIF orientation."""

_HILLS = 4

Colour = tuple[int, int, int]


def photo(name: str, width: int = 1200, height: int = 800, *, orientation: int = 1, gps: bool = False) -> bytes:
    """A JPEG photo of `name`: always the same one, unlike those of other names. `width` and `height` as shown."""
    stored = _AS_STORED[orientation](draw(name, width, height)).copy()
    stored.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    for field, value in {"exif-ifd0-Model": "Photoferry drawing", **(_GPS if gps else {})}.items():
        stored.set_type(pyvips.GValue.gstr_type, field, value)
    return bytes(stored.jpegsave_buffer(Q=90))


def draw(name: str, width: int, height: int) -> pyvips.Image:
    """The picture of `name`, upright: 8-bit sRGB."""
    random = Random(name)  # noqa: S311  the same name is to give the same picture
    hue = random.random()
    sky = _with_sun(_sky(hue, width, height), random, hue)
    hill = _hills(random, width, height)
    picture = (hill > 0).ifthenelse(hill.maplut(_hill_colours(hue)), sky)
    return _with_name(_with_grain(picture), name).copy_memory()


def _colour(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue % 1, lightness, saturation))
    return red, green, blue


def _sky(hue: float, width: int, height: int) -> pyvips.Image:
    above, below = _colour(hue, 0.45, 0.6), _colour(hue + 0.12, 0.85, 0.8)
    slope = [(end - start) / height for start, end in zip(above, below, strict=True)]
    column = _down(height).linear(slope, above, uchar=True)
    return column.embed(0, 0, width, height, extend="copy").copy(interpretation="srgb")


def _down(height: int) -> pyvips.Image:
    return pyvips.Image.xyz(1, height).extract_band(1).cast("ushort").copy_memory()


def _with_sun(picture: pyvips.Image, random: Random, hue: float) -> pyvips.Image:
    across, down = random.uniform(0.15, 0.85) * picture.width, random.uniform(0.15, 0.4) * picture.height
    radius = random.uniform(0.05, 0.12) * min(picture.width, picture.height)
    colour = list(_colour(hue + 0.5, 0.8, 0.9))
    return picture.copy_memory().draw_circle(colour, round(across), round(down), round(radius), fill=True)


def _hills(random: Random, width: int, height: int) -> pyvips.Image:
    """Where there is no hill (0), and where the farthest (1) to the nearest."""
    down = _down(height).embed(0, 0, width, height, extend="copy")
    across = pyvips.Image.xyz(width, 1).extract_band(0) * (360 / width)
    hill = pyvips.Image.black(width, height)
    for row in range(_HILLS):
        ridge = pyvips.Image.black(width, 1) + height * (0.45 + 0.14 * row)
        for waves in (random.uniform(0.5, 2), random.uniform(2, 5), random.uniform(6, 11)):
            ridge += (across * waves + random.uniform(0, 360)).math("sin") * (height * 0.07 / waves)
        below = down > ridge.cast("ushort").copy_memory().embed(0, 0, width, height, extend="copy")
        hill = below.ifthenelse(row + 1, hill)
    return hill


def _hill_colours(hue: float) -> pyvips.Image:
    colours = [(0, 0, 0), *(_colour(hue + 0.33 + 0.03 * row, 0.55 - 0.12 * row, 0.35) for row in range(_HILLS))]
    bands = [pyvips.Image.new_from_list([list(band)]) for band in zip(*colours, strict=True)]
    return bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb")


def _with_grain(picture: pyvips.Image) -> pyvips.Image:
    """Cameras leave some; without it, files would be far smaller than photos are."""
    grain = _grain().replicate(picture.width // 256 + 1, picture.height // 256 + 1)
    return (picture + grain.crop(0, 0, picture.width, picture.height)).cast("uchar")


@cache
def _grain() -> pyvips.Image:
    return pyvips.Image.gaussnoise(256, 256, mean=0, sigma=6, seed=1).cast("char").copy_memory()


def _with_name(picture: pyvips.Image, name: str) -> pyvips.Image:
    size = min(picture.height / 9, 1.3 * picture.width / len(name))
    letters = pyvips.Image.text(
        name.replace("&", "&amp;").replace("<", "&lt;"),
        font=f"DejaVu Sans Bold {max(size, 4):.0f}",
        dpi=72,
        fontfile=str(FONT_FILE),
    )
    letters = letters.crop(0, 0, min(letters.width, picture.width), min(letters.height, picture.height))
    left, top = (picture.width - letters.width) // 2, round((picture.height - letters.height) * 0.9)
    ground = picture.crop(left, top, letters.width, letters.height)
    return picture.insert(letters.ifthenelse([255, 255, 255], ground, blend=True), left, top)
