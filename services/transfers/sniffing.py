"""What a file is by its content; its name plays no part."""

from enum import StrEnum
from pathlib import Path

from services.transfers import rejections
from services.transfers.tiff import is_raw

_HEAD = 4_096


class Format(StrEnum):
    """The accepted types."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"
    AVIF = "avif"
    HEIC = "heic"

    @property
    def content_type(self) -> str:
        """Its media type."""
        return f"image/{self}"


_ACCEPTED = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0\x08\0\0\0", Format.TIFF),
    (b"MM\0+\0\x08\0\0", Format.TIFF),
)
_RAW = (
    (b"FUJIFILMCCD-RAW", "a Fujifilm raw file (RAF)"),
    (b"IIRO", "an Olympus raw file (ORF)"),
    (b"IIRS", "an Olympus raw file (ORF)"),
    (b"MMOR", "an Olympus raw file (ORF)"),
    (b"IIU\0", "a Panasonic raw file (RW2)"),
    (b"FOVb", "a Sigma raw file (X3F)"),
    (b"\0MRM", "a Minolta raw file (MRW)"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
)
_OTHERS = (
    (b"GIF8", "a GIF file"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"BM", "a BMP file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def recognise(path: Path) -> Format:
    """The accepted type that a file is. `RejectedImage` for everything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise rejections.empty()
    found = _accepted(head)
    if found is None:
        raise _refusal(head)
    if found is Format.TIFF and is_raw(path):
        raise rejections.raw("a raw camera file")
    return found


def _accepted(head: bytes) -> Format | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    return next((accepted for magic, accepted in _ACCEPTED if head.startswith(magic)), None)


def _by_brand(head: bytes) -> Format:
    """ISO base media files tell what they are by brands (ISO/IEC 14496-12, section 4.3)."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    major, brands = head[8:12], {head[start : start + 4] for start in range(16, size, 4)}
    if major == b"crx ":
        raise rejections.raw("a Canon raw file (CR3)")
    if major == b"avis":
        raise rejections.animated()
    if b"avif" in brands | {major}:
        return Format.AVIF
    if _HEIC_BRANDS & (brands | {major}):
        return Format.HEIC
    raise rejections.wrong_type("a video or sound recording")


def _refusal(head: bytes) -> rejections.RejectedImage:
    for table, refusal in ((_RAW, rejections.raw), (_ARCHIVES, rejections.archive), (_OTHERS, rejections.wrong_type)):
        for magic, what in table:
            if head.startswith(magic):
                return refusal(what)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return rejections.wrong_type("an SVG drawing")
    if text.startswith((b"<!doctype html", b"<html")):
        return rejections.wrong_type("a web page")
    return rejections.unknown()
