"""File names that every operating system takes, and no two alike in one folder."""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from unicodedata import normalize

_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_TRAILING = re.compile(r"[. ]+$")
_STEM_AND_EXTENSION = re.compile(r"(.+?)(\.[^.]{1,16})?", re.DOTALL)
_MOST_BYTES = 255  # a file name in UTF-8 on Linux and on macOS


def unique_names(names: Iterable[str]) -> list[str]:
    """Safe names in the same order, later ones of equal names as `name (2).jpg`.

    Equal is what Windows and macOS take for the same file: case and Unicode form do not matter. A name that was unique
    stays as it is, whatever the numbered ones around it need. Names that this made are not changed by it again.
    """
    safe = [safe_name(name) for name in names]
    taken = {_folded(name) for name in safe}
    repeats: dict[str, Iterator[int]] = {}
    return [_told_apart(name, taken, repeats) for name in safe]


def safe_name(name: str) -> str:
    """The last path segment, with `_` for what Windows forbids in a name (characters, endings, device names).

    Never empty, never a path; at most 255 bytes in UTF-8, cut before the extension.
    """
    segment = re.split(r"[/\\]", name)[-1] or "_"
    allowed = _FORBIDDEN.sub("_", segment)
    fitting = _fitted(f"_{allowed}" if _DEVICE.match(allowed) else allowed)
    return _TRAILING.sub(lambda ending: "_" * len(ending[0]), fitting)


def _told_apart(name: str, taken: set[str], repeats: dict[str, Iterator[int]]) -> str:
    key = _folded(name)
    if key not in repeats:
        repeats[key] = count(2)
        return name
    for number in repeats[key]:
        numbered = _fitted(name, f" ({number})")
        if _folded(numbered) not in taken:
            taken.add(_folded(numbered))
            return numbered
    raise AssertionError("numbers do not end")


def _fitted(name: str, addition: str = "") -> str:
    """The name with `addition` before its extension, its stem cut to what fits into a file name."""
    parts = _STEM_AND_EXTENSION.fullmatch(name)
    stem, extension = parts.groups("") if parts else (name, "")
    ending = (addition + extension).encode()
    return (stem.encode()[: _MOST_BYTES - len(ending)] + ending).decode(errors="ignore")


def _folded(name: str) -> str:
    return normalize("NFC", normalize("NFC", name).casefold())
