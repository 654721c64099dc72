"""Pure decisions: which photos an unmatched final may belong to. Names are compared by their match keys."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from rapidfuzz.distance import OSA

from contracts.entitlements import Suggestion

MOST = 3
"""Suggestions for one final."""
ENDING = 91.0
"""Least score of a photo whose name lacks nothing but endings that editors add."""
SAME_SPELLING = 90.0
"""Score of a photo whose name is the same words and numbers; a near miss has its share of that."""
LEAST_ALIKE = 0.8
"""Share of a name that a near miss has right: one slip in a name of 5 letters or more, two from 10 on."""

_ENDING = re.compile(
    r"""(?: [\s_\u2013\u2014-]+                              # IMG_0001-Edit-2, IMG_0001 — kopia
            (?: edit(?:ed)? | retouch(?:ed)? | final | bw      # by hand and Lightroom
              | enhanced | nr | sr | hdr | pano
              | copy | kopia )                                 # Photoshop, Windows, macOS
            (?: [\s_-]? \d{1,2} )?
          | [\s_-] \d{1,2}                                     # IMG_0001_1
          | [\s_-]* \( \d{1,3} \)                              # IMG_0001 (2)
        )$""",
    re.VERBOSE,
)
_READ_AS_DIGITS = re.compile(r"[oil]+(?=\d)|(?<=\d)[oil]+")
_DIGITS = str.maketrans("oil", "011")
_WORDS_AND_NUMBERS = re.compile(r"\d+|[^\W\d_]+")


class Candidate(NamedTuple):
    """A photo that a final may belong to."""

    photo_id: UUID
    filename: str
    match_key: str


def suggest(key: str, photos: Iterable[Candidate]) -> tuple[Suggestion, ...]:
    """The photos that a final with this key most likely belongs to."""
    scored = ((photo, score(key, photo.match_key)) for photo in photos)
    return _best(
        Suggestion(photo_id=photo.photo_id, filename=photo.filename, score=points) for photo, points in scored if points
    )


def suggest_also(photo: Candidate, key: str, suggested: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    """What `suggest` would say, had this photo been among those that gave `suggested`."""
    return _best((*suggested, *suggest(key, [photo])))


def score(key: str, photo_key: str) -> float:
    """How likely a final belongs to a photo of another name: 0 (nothing alike) to 100."""
    shorter = stems(key)
    if photo_key in shorter:
        return max(ENDING, 99.0 - shorter.index(photo_key))
    return max(_likeness(form, photo_key) for form in (key, *shorter))


def _best(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """At most `MOST`, best first. When an ending explains the name, names that are merely alike do not."""
    ranked = sorted(suggestions, key=lambda one: (-one.score, one.filename, one.photo_id))
    explained = [one for one in ranked if one.score >= ENDING]
    return tuple((explained or ranked)[:MOST])


@lru_cache(maxsize=10_000)
def stems(key: str) -> tuple[str, ...]:
    """The key without its last ending, without its last two, and so on."""
    found = []
    while (shorter := _ENDING.sub("", key)) not in ("", key):
        found.append(key := shorter)
    return tuple(found)


def _likeness(key: str, photo_key: str) -> float:
    if _spelling(key) == _spelling(photo_key):
        return SAME_SPELLING
    alike = OSA.normalized_similarity(key, photo_key, score_cutoff=LEAST_ALIKE)
    return 0.0 if not alike or _is_other_frame(key, photo_key) else round(SAME_SPELLING * alike, 1)


@lru_cache(maxsize=50_000)
def _spelling(key: str) -> str:
    """Words and numbers alone: no accents, no separators, no leading zeros, and `O` read as the digit that it was."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", key) if not unicodedata.combining(letter))
    digits = _READ_AS_DIGITS.sub(lambda match: match[0].translate(_DIGITS), letters.replace("ł", "l"))
    parts = _WORDS_AND_NUMBERS.findall(digits)
    return " ".join(part.lstrip("0") or part for part in parts) or key


def _is_other_frame(key: str, photo_key: str) -> bool:
    """A digit in place of another is the camera's next picture; digits swapped, doubled or lost are a slip."""
    if len(key) != len(photo_key) or sorted(key) == sorted(photo_key):
        return False
    return re.sub(r"\d", "", key) == re.sub(r"\d", "", photo_key)
