"""The `Content-Disposition` of a download, so that every browser saves it under its own name."""

from unicodedata import combining, normalize
from urllib.parse import quote

_ATTR_CHAR = "!#$&+-.^_`|~"  # RFC 8187, section 3.2.1, besides letters and digits
_TROUBLE_IN_QUOTES = '"\\%'  # RFC 6266, appendix D: browsers disagree on what these mean


def attachment(filename: str) -> str:
    """The value for a file to be saved: plain for an ASCII name, otherwise with `filename*` (RFC 6266, RFC 8187)."""
    plain = "".join(map(_plain, normalize("NFKD", filename)))
    if plain == filename:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHAR)}"


def _plain(character: str) -> str:
    if combining(character):
        return ""
    fits = character.isascii() and character.isprintable() and character not in _TROUBLE_IN_QUOTES
    return character if fits else "_"
