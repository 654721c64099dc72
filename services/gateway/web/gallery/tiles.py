"""Photos as they lie in rows: uncropped, each with a place of its shape before it is loaded."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Any

from asyncpg import Record

SMALL, LARGE = 400, 1600
"""Pixels of the longer side of the previews."""
RATIOS = (0.4, 0.5, 0.5625, 0.625, 0.6667, 0.7, 0.75, 0.8, 0.875, 1.0, 1.125, 1.25, 1.3333, 1.4, 1.5, 1.6, 1.7778)
WIDE_RATIOS = (2.0, 2.5, 3.0)
"""Width by height. gallery.css has a class for each: inline styles are forbidden. Phones show the wide ones alone."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo in a row. `ratio` is the nearest of those that have a class, in percent."""

    id: str
    filename: str
    width: int
    height: int
    small: str
    large: str
    chosen: bool

    @property
    def ratio(self) -> int:
        """`150` for 3:2."""
        return _nearest(self.width, self.height)

    @property
    def is_wide(self) -> bool:
        """Whether a phone shows it alone in its row."""
        return self.ratio >= WIDE_RATIOS[0] * 100

    def width_at(self, longest: int) -> int:
        """Its width in pixels when the longer side is `longest`, or its own size when that is less."""
        return round(self.width * min(1, longest / max(self.width, self.height)))

    @property
    def srcset(self) -> str:
        """The previews by width."""
        return f"{self.small} {self.width_at(SMALL)}w, {self.large} {self.width_at(LARGE)}w"


@lru_cache(1_000)
def _nearest(width: int, height: int) -> int:
    return int(100 * min((*RATIOS, *WIDE_RATIOS), key=lambda ratio: abs(log(ratio * height / width))))


def tiles(photos: Iterable[Record]) -> list[Tile]:
    """Photos as the view has them."""
    return [_tile(json.loads(photo["shown"]), photo.get("chosen", True)) for photo in photos]


def _tile(photo: dict[str, Any], chosen: bool) -> Tile:
    own = {name: photo[name] for name in ("id", "filename", "width", "height")}
    return Tile(**own, **photo["previews"], chosen=chosen)
