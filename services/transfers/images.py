"""What is in an uploaded file, and its previews. Needs libvips; hostile files are kept in a process of their own."""

from collections.abc import Iterable
from pathlib import Path

import pyvips

from services.transfers import rejections, watermark
from services.transfers.jobs import Inspected, Limits
from services.transfers.sniffing import Format, recognise

# No file is read twice, and nothing but the accepted types is ever decoded, whatever libvips may find in a file.
pyvips.cache_set_max(0)
pyvips.operation_block_set("VipsForeignLoad", True)
for _loader in ("Jpeg", "Png", "Tiff", "Webp", "Heif"):
    pyvips.operation_block_set(f"VipsForeignLoad{_loader}", False)

_FAIL_ON = "error"
"""What is cut off or cannot be decoded fails. With "warning", so would the many files that have odd metadata."""
_QUALITY = 80
_OUT_OF_MEMORY = ("out of memory", "Insufficient memory", "Memory allocation error", "Security limit exceeded")
"""What libvips, libjpeg and libheif say of it."""


def inspect(path: Path, limits: Limits) -> Inspected:
    """Looks at a file's header, without decoding it. `RejectedImage` for what is not a picture within the limits."""
    size = path.stat().st_size
    if size > limits.size:
        raise rejections.too_large(size, limits.size)
    found = recognise(path)
    try:
        header = _open(path)
    except pyvips.Error as error:
        raise _meaning(error, found) from error
    if header.width * header.height > limits.pixels:
        raise rejections.too_many_pixels(header.width, header.height, limits.pixels)
    if found is Format.WEBP and _pages(header) > 1:
        raise rejections.animated()
    width, height = (header.height, header.width) if _lies_on_its_side(header) else (header.width, header.height)
    return Inspected(found, width, height)


def previews(
    path: Path, found: Format, sizes: Iterable[int], text: str | None = None, mark: Path | None = None
) -> dict[int, bytes]:
    """JPEG previews that fit into a square of each of the `sizes` (pixels), never enlarged, by size.

    Upright, sRGB, without any metadata, `text` and the PNG `mark` burnt in. The file is decoded once, and
    wholly, so that one that is cut off or damaged anywhere is found: `RejectedImage`.
    """
    largest, *smaller = sorted(sizes, reverse=True)
    try:
        image = _plain(_shrunk(path, found, largest)).copy_memory()
    except pyvips.Error as error:
        raise _meaning(error, found) from error
    if text:
        image = watermark.burn_in(image, text).copy_memory()
    if mark:
        image = watermark.burn_in_picture(image, mark).copy_memory()
    return {largest: _jpeg(image)} | {size: _jpeg(_fit(image, size)) for size in smaller}


def _open(path: Path) -> pyvips.Image:
    return pyvips.Image.new_from_file(str(path), access="sequential", fail_on=_FAIL_ON)


def _shrunk(path: Path, found: Format, size: int) -> pyvips.Image:
    if found in (Format.JPEG, Format.WEBP):  # these shrink while they decode, and read the whole file all the same
        return pyvips.Image.thumbnail(str(path), size, height=size, size="down", fail_on=_FAIL_ON)
    return _fit(_open(path), size)  # of others, libvips would take an embedded thumbnail or a smaller page instead


def _fit(image: pyvips.Image, size: int) -> pyvips.Image:
    return image.thumbnail_image(size, height=size, size="down")


def _plain(image: pyvips.Image) -> pyvips.Image:
    """8-bit sRGB on white. Colours go through the embedded profile, if it is one."""
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    image = image.colourspace("srgb")
    return image.flatten(background=255) if image.hasalpha() else image


def _jpeg(image: pyvips.Image) -> bytes:
    return bytes(image.jpegsave_buffer(Q=_QUALITY, optimize_coding=True, keep="none"))


def _pages(header: pyvips.Image) -> int:
    return int(header.get("n-pages")) if header.get_typeof("n-pages") else 1


def _lies_on_its_side(header: pyvips.Image) -> bool:
    """EXIF orientations 5 to 8 swap width and height."""
    return bool(header.get_typeof("orientation")) and 5 <= header.get("orientation") <= 8


def _meaning(error: pyvips.Error, found: Format) -> rejections.RejectedImage:
    if any(words in str(error) for words in _OUT_OF_MEMORY):
        return rejections.too_hungry()
    return rejections.heic() if found is Format.HEIC else rejections.damaged()
