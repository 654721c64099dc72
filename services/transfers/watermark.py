"""Burns a text into a picture, so that it cannot be used without being bought."""

import os
from functools import lru_cache
from html import escape
from pathlib import Path
from unicodedata import category

import pyvips

from services.transfers import rejections

# libvips brings its own fontconfig, which knows no folders; `make setup` and the image install the font itself.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fonts.conf"))

_FONT = "DejaVu Sans Bold"
_LINES_PER_SIDE = 24
_WIDEST = 0.6
_ANGLE = -30
_LETTERS, _RIM = 0.45, 0.35
"""Opacity."""
_MOST_CHARACTERS = 200
_PICTURE = 0.6
"""Share of a photo's width and height that a picture takes at most."""
_MOST_PIXELS = 16_000_000


def burn_in(image: pyvips.Image, text: str) -> pyvips.Image:
    """An sRGB image with `text` all over it: light letters with a dark rim, so that they show on any ground.

    A text without anything to draw leaves the image as it is; of a very long one, the beginning is drawn.
    """
    try:
        tile = _tile(_drawable(text), max(image.width, image.height))
    except pyvips.Error as error:
        if "no text to render" in str(error):
            return image
        raise
    return image.composite2(_covering(tile, image.width, image.height), "over").flatten().cast("uchar")


def burn_in_picture(image: pyvips.Image, mark: Path) -> pyvips.Image:
    """An sRGB image with the PNG `mark` in its middle, as large as fits into `_PICTURE` of it, with its own opacity.

    Raises `RejectedImage` for a mark that cannot be read.
    """
    try:
        header = pyvips.Image.pngload(str(mark), fail_on="error")
        if header.width * header.height > _MOST_PIXELS:
            raise rejections.watermark_missing()
        box = max(1, round(image.width * _PICTURE)), max(1, round(image.height * _PICTURE))
        drawn = header.thumbnail_image(box[0], height=box[1]).colourspace("srgb").copy_memory()
    except pyvips.Error as error:
        raise rejections.watermark_missing() from error
    left, top = (image.width - drawn.width) // 2, (image.height - drawn.height) // 2
    return image.composite2(drawn, "over", x=left, y=top).flatten().cast("uchar")


def _covering(tile: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """The tile repeated, one of them in the very middle: also a narrow strip shows a part of the text."""
    across, down = (width // tile.width + 1) | 1, (height // tile.height + 1) | 1
    cover = tile.replicate(across, down)
    return cover.crop((cover.width - width) // 2, (cover.height - height) // 2, width, height)


def _drawable(text: str) -> str:
    """Pango takes markup, and no control characters."""
    kept = (" " if category(character) in ("Cc", "Cs", "Zl", "Zp") else character for character in text)
    return " ".join("".join(kept).split())[:_MOST_CHARACTERS]


@lru_cache(maxsize=4)
def _tile(text: str, side: int) -> pyvips.Image:
    """One slanted text with room around it, for a picture whose longest side has `side` pixels."""
    size = max(side / _LINES_PER_SIDE, 4)
    letters = pyvips.Image.text(
        escape(text, quote=False),
        font=f"{_FONT} {size:.1f}",
        dpi=72,
        width=round(side * _WIDEST),
        wrap="word-char",
        align="centre",
    )
    margin = round(size * 1.5)
    slanted = letters.gravity("centre", letters.width + margin, letters.height + margin).similarity(angle=_ANGLE)
    rim = slanted.gaussblur(max(size / 12, 0.6)) * 2
    alpha = (slanted * _LETTERS).maxpair(rim * _RIM).minpair(255 * _LETTERS)
    white = slanted.bandjoin([slanted, slanted])
    return white.bandjoin(alpha).cast("uchar").copy(interpretation="srgb").copy_memory()
