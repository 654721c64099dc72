"""A bank's file as text, whichever encoding it is in, and words as they are compared."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from services.gateway.errors import Problem

LARGEST = 10_000_000
"""Bytes."""
MOST_LINES = 100_000

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_NOT_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_SAMPLE = 2_000
"""Bytes that tell encodings apart."""
_OLD = ["cp1250", "iso8859_2"]
"""German letters are the same in these and in the western ones."""
_MARKS = re.compile("[\u0300-\u036f]+")
_NO_MARKS = str.maketrans({"ł": "l", "đ": "d", "ø": "o"})
"""Letters that Unicode does not take apart."""


def decoded(data: bytes) -> str:
    """The file as text. Raises `Problem` 413 for one that is too large, 422 for one that is no text."""
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_utf_16 and _BINARY.search(data):
        detail = "This file is no text. In your bank, export the account's history as CSV, not as PDF or for Excel."
        raise Problem(422, "no-csv", detail, field="file")
    if len(data) > LARGEST or max(data.count(b"\n"), data.count(b"\r")) > MOST_LINES:
        detail = "This file has over 10 MB or 100,000 lines. In your bank, export a shorter period."
        raise Problem(413, "statement-too-large", detail, field="file")
    if is_utf_16:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(_sample(data), cp_isolation=_OLD).best()
        return data.decode(best.encoding if best else _OLD[0], "replace")


def folded(text: str) -> str:
    """Text without case and marks on letters; `ae` is `ä`, as banks write it."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_NO_MARKS)
    return re.sub("([aou])e", r"\1", _MARKS.sub("", plain))


def _sample(data: bytes) -> bytes:
    """Lines with letters that encodings differ in."""
    sample = b""
    for line in _NOT_ASCII.finditer(data):
        sample += line[0] + b"\n"
        if len(sample) > _SAMPLE:
            break
    return sample
