"""Pure decisions: which photos an unmatched final may belong to. Names are compared by their match keys."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import process
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


def suggest(key: str, photos: list[Candidate], suggested: tuple[Suggestion, ...] = ()) -> tuple[Suggestion, ...]:
    """The photos that a final with this key most likely belongs to, those among them that gave `suggested`."""
    found = (suggestion for photo in _worth_a_look(key, photos) for suggestion in _suggestion(photo, key))
    return _best({*suggested, *found})


def score(key: str, photo_key: str) -> float:
    """How likely a final belongs to a photo of another name: 0 (nothing alike) to 100."""
    shorter = stems(key)
    if photo_key in shorter:
        return max(ENDING, 99.0 - shorter.index(photo_key))
    return max(_likeness(form, photo_key) for form in (key, *shorter))


def _worth_a_look(key: str, photos: list[Candidate]) -> list[Candidate]:
    """Those of thousands that may have a score at all, found at the speed of C."""
    forms = (key, *stems(key))
    spellings = {_spelling(form) for form in forms}
    plain = [_plain(photo.match_key) for photo in photos]
    alike = {
        place
        for form in forms
        for _, _, place in process.extract(
            _plain(form), plain, scorer=OSA.normalized_similarity, score_cutoff=LEAST_ALIKE, limit=None
        )
    }
    return [photo for place, photo in enumerate(photos) if place in alike or _spelling(photo.match_key) in spellings]


def _suggestion(photo: Candidate, key: str) -> list[Suggestion]:
    points = score(key, photo.match_key)
    return [Suggestion(photo_id=photo.photo_id, filename=photo.filename, score=points)] if points else []


def _best(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """At most `MOST`, best first: those with endings, or else of the same spelling, or else near misses."""
    ranked = sorted(suggestions, key=lambda one: (-one.score, one.filename, one.photo_id))
    kinds = ([one for one in ranked if one.score >= least] for least in (ENDING, SAME_SPELLING, 0))
    return tuple(next(filter(None, kinds), [])[:MOST])


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
    one, other = _plain(key), _plain(photo_key)
    alike = OSA.normalized_similarity(one, other, score_cutoff=LEAST_ALIKE)
    return 0.0 if not alike or _is_other_frame(one, other) else round(SAME_SPELLING * alike, 1)


@lru_cache(maxsize=50_000)
def _plain(key: str) -> str:
    """Without accents, and with `O` read as the digit that it was."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", key) if not unicodedata.combining(letter))
    return _READ_AS_DIGITS.sub(lambda match: match[0].translate(_DIGITS), letters.replace("ł", "l"))


@lru_cache(maxsize=50_000)
def _spelling(key: str) -> str:
    """Words and numbers alone: no separators, no leading zeros."""
    return " ".join(part.lstrip("0") or part for part in _WORDS_AND_NUMBERS.findall(_plain(key))) or key


def _is_other_frame(plain: str, plain_photo: str) -> bool:
    """A digit in place of another is the camera's next picture; digits swapped, doubled or lost are a slip."""
    if len(plain) != len(plain_photo) or sorted(plain) == sorted(plain_photo):
        return False
    return re.sub(r"\d", "", plain) == re.sub(r"\d", "", plain_photo)
