"""Makers of files that must not be taken in."""

import struct
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Sequence
from io import BytesIO

import pyvips

from deploy.local.drawing import draw, photo

Entry = tuple[int, int, int, bytes]
"""Tag, type, number of values, value or offset (4 bytes)."""

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle r="5"/></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)
CR3 = b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom" + bytes(100)
HEIC = b64decode("""
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA
    AERAAAEAAQAAAAABoQABAAAAAAAAAB0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADd
    aXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA
    AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh
    cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACVtZGF0AAAA
    GSgBrxOA9SeBP//HhR//Dvnh9jrN+efLU8A=
""")
"""64 by 48 red pixels as a telephone stores them, coded as HEVC (libheif 1.23 with x265)."""
HTML = b"<!DOCTYPE html><html><body>Log in first</body></html>"


def gif() -> bytes:
    return bytes(draw("IMG.gif", 60, 40).gifsave_buffer())


def zip_archive() -> bytes:
    """With a real photo in it."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("IMG_0001.JPG", photo("IMG_0001.JPG", 60, 40))
    return archive.getvalue()


def png(width: int, height: int, *, interlaced: bool = False) -> bytes:
    """A PNG that claims a size and has next to nothing in it: a pixel bomb needs no more."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlaced)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def directory(entries: Sequence[Entry], following: int = 0) -> bytes:
    """A TIFF directory (IFD), little-endian."""
    table = b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in sorted(entries))
    return struct.pack("<H", len(entries)) + table + struct.pack("<I", following)


def tiff(*directories: bytes) -> bytes:
    """A TIFF file of directories that follow its header."""
    return b"II*\0" + struct.pack("<I", 8) + b"".join(directories)


def long(tag: int, value: int) -> Entry:
    return tag, 4, 1, struct.pack("<I", value)


def picture(width: int, height: int, photometric: int = 2) -> list[Entry]:
    """The entries of a picture whose pixels are the file's first bytes."""
    entries = {
        256: width,
        257: height,
        258: 8,
        259: 1,
        262: photometric,
        273: 8,
        277: 1,
        278: height,
        279: width * height,
    }
    return [long(tag, value) for tag, value in entries.items()]


def dng() -> bytes:
    """A picture, marked with the version of DNG."""
    return tiff(directory([*picture(10, 10, 1), (50_706, 1, 4, b"\x01\x04\0\0")]), bytes(100))


def nef() -> bytes:
    """A small picture first, and the sensor's data in a directory below it, as Nikon, Sony and others do."""
    first = [*picture(10, 10, 1), long(330, 8 + 2 + 10 * 12 + 4)]
    return tiff(directory(first), directory(picture(10, 10, 32_803)), bytes(100))


def cr2() -> bytes:
    """A picture, marked as Canon does."""
    return b"II*\0" + struct.pack("<I", 16) + b"CR\x02\0" + bytes(4) + directory(picture(10, 10, 1)) + bytes(100)


def tiff_of_itself() -> bytes:
    """Its directory is followed by itself, for ever."""
    return tiff(directory(picture(10, 10, 1), following=8))


def tiff_of_entries() -> bytes:
    """A directory of 65,535 entries."""
    return tiff(directory([(40_000 + number % 20_000, 4, 1, bytes(4)) for number in range(65_535)]))


def tiff_of_directories() -> bytes:
    """20,000 directories after each other."""
    size = len(directory(picture(10, 10, 1)))
    return tiff(*(directory(picture(10, 10, 1), following=8 + size * (number + 1)) for number in range(20_000)))


def animated_webp() -> bytes:
    frames = pyvips.Image.arrayjoin([draw(name, 60, 40) for name in "abc"], across=1).copy()
    frames.set_type(pyvips.GValue.gint_type, "page-height", 40)
    return bytes(frames.webpsave_buffer())
