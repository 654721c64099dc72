"""What may be uploaded, as far as name, size and announced type tell; the content has the last word, in transfers."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from chassis.objects import PART_SIZE
from contracts.names import UnusableName, checked_filename, match_key
from services.gateway.routes.schemas import NewFile

_ACCEPTED = "Upload the photo as JPEG, PNG, TIFF, WebP or AVIF."
_OTHER_TYPES = {
    "image/gif": f"GIF files are not accepted. {_ACCEPTED}",
    "image/svg+xml": f"SVG drawings are not accepted. {_ACCEPTED}",
    "application/pdf": f"PDF documents are not accepted. {_ACCEPTED}",
}
_TAKEN = "A photo of this name is in the gallery already. Remove that one first, or rename this file."
_SAME = "Only case, folder or extension tell it from “{}” in the same call; upload one of the two."
_RAW = re.compile(
    r"image/(x-)?(adobe|canon|dcraw|dng|epson|fuji|hasselblad|kodak|leica|minolta|nikon|olympus|panasonic|pentax|raw"
    r"|samsung|sigma|sony)\b.*"
)


class Refusal(NamedTuple):
    """Why a file cannot be uploaded: a code for programs, and a sentence that says what to do."""

    code: str
    reason: str


class NotAccepted(ValueError):
    """A file that is refused before it is uploaded."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.refusal = Refusal(code, reason)


def match_keys(files: Sequence[NewFile]) -> list[str]:
    """The match keys of those files whose names can be kept."""
    return [key for file in files if (key := _key_or_none(file.filename)) is not None]


def refusals(files: Sequence[NewFile], *, limit: int, taken: Collection[str]) -> list[Refusal | None]:
    """For each file why it cannot be uploaded, or None. `limit`: bytes; `taken`: match keys that are not to be had."""
    seen: dict[str, str] = {}
    return [_refusal(file, limit, taken, seen) for file in files]


def part_count(size: int) -> int | None:
    """In how many parts a file of `size` bytes is uploaded; None: in one piece."""
    return -(-size // PART_SIZE) if size > PART_SIZE else None


def parts_problem(size: int, numbers: Sequence[int]) -> str | None:
    """What is wrong with the parts that were uploaded of a file of `size` bytes, by their numbers."""
    expected = part_count(size)
    if expected is None:
        return "This upload has no parts; complete it without them." if numbers else None
    if sorted(numbers) != list(range(1, expected + 1)):
        return f"This upload has the parts 1 to {expected}; give the number and the etag of each, once."
    return None


def _key_or_none(filename: str) -> str | None:
    try:
        return match_key(checked_filename(filename))
    except UnusableName:
        return None


def _refusal(file: NewFile, limit: int, taken: Collection[str], seen: dict[str, str]) -> Refusal | None:
    try:
        key = match_key(checked_filename(file.filename))
        _check_size(file.size, limit)
        _check_type(file.content_type)
    except UnusableName as error:
        return Refusal("unusable_name", str(error))
    except NotAccepted as error:
        return error.refusal
    if key in taken:
        return Refusal("name_taken", _TAKEN)
    if key in seen:
        return Refusal("same_name", _SAME.format(seen[key]))
    seen[key] = file.filename
    return None


def _check_size(size: int, limit: int) -> None:
    if size < 1:
        raise NotAccepted("empty", "The file is empty. Export the photo again and upload that file.")
    if size > limit:
        most = f"at most {limit / 1e6:,.0f} are accepted"
        raise NotAccepted("too_large", f"The file has {size / 1e6:,.1f} MB; {most}. Export it smaller, best as JPEG.")


def _check_type(content_type: str) -> None:
    """Refuses what a browser is sure of; an unknown or missing type is left to the content."""
    media_type = content_type.partition(";")[0].strip().lower()
    if reason := _OTHER_TYPES.get(media_type):
        raise NotAccepted("wrong_type", reason)
    if _RAW.fullmatch(media_type):
        raise NotAccepted("raw", "Raw files are not accepted. Develop it and upload the photo as JPEG or TIFF.")
