"""The one definition of "the same file name" (S2)."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from contracts.base import PERSONAL

_EXTENSION = re.compile(r"\.(jpe?g|png|tiff?|webp|hei[cf]|avif)$", re.ASCII | re.IGNORECASE)


class UnusableName(ValueError):
    """The file name leaves nothing to match by. The message says what to do."""


def match_key(filename: str) -> str:
    """What is left of a file name when case, Unicode form, folder and image extension no longer matter.

    Equal keys mean the same picture. Raises `UnusableName` when nothing, or nothing but dots, is left.
    """
    segment = re.split(r"[/\\]", filename)[-1]
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", segment).strip().casefold())
    key = _EXTENSION.sub("", folded, count=1).strip()
    if not key.strip("."):
        raise UnusableName("The file name has no letters or digits before its extension; rename the file.")
    return key


def stem(filename: str) -> str:
    """A file name without its folder and image extension, otherwise as written: what photo programs search by."""
    return _EXTENSION.sub("", re.split(r"[/\\]", filename)[-1], count=1)


def checked_filename(filename: str) -> str:
    """`filename` when it can be kept: 1 to 255 characters, no control characters, a match key that is not empty.

    Raises `UnusableName` otherwise.
    """
    if not 1 <= len(filename) <= 255:
        raise UnusableName("A file name has 1 to 255 characters; shorten it.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in filename):
        raise UnusableName("The file name has control characters in it; rename the file.")
    match_key(filename)
    return filename


MatchKey = Annotated[str, StringConstraints(min_length=1), PERSONAL]
"""A key made by `match_key`."""

Filename = Annotated[str, AfterValidator(checked_filename), PERSONAL]
"""A file name that can be kept, as the photographer wrote it."""

KnownFilename = Annotated[str, PERSONAL]
"""A file name that was checked when the file came in."""
