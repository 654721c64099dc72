"""What is asked of a decoder process, and what it answers. No libvips here: the service itself stays small."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from services.transfers.rejections import RejectedImage
from services.transfers.sniffing import Format

READY = b"ready\n"
"""What a decoder says when it has started."""


@dataclass(frozen=True)
class Limits:
    """What a file may have at most."""

    size: int = 200_000_000
    """Bytes."""
    pixels: int = 300_000_000


@dataclass(frozen=True)
class Inspected:
    """What a picture is."""

    format: Format
    width: int
    """Pixels, as shown (orientation applied)."""
    height: int


@dataclass(frozen=True)
class Job:
    """One file to look at, and the previews to make of it."""

    path: Path
    limits: Limits
    sizes: tuple[int, ...]
    """Longest sides of the previews, in pixels."""
    watermark: str | None
    watermark_image: Path | None = None
    """A PNG to burn in."""

    def preview(self, size: int) -> Path:
        """Where the decoder leaves a preview: beside the file."""
        return self.path.with_name(f"{self.path.name}.{size}.jpg")

    def line(self) -> bytes:
        """As one line of JSON."""
        image = self.watermark_image and str(self.watermark_image)
        return _line({**asdict(self), "path": str(self.path), "watermark_image": image})

    @classmethod
    def of(cls, line: bytes) -> "Job":
        """From `line()`."""
        fields = json.loads(line)
        image = fields["watermark_image"] and Path(fields["watermark_image"])
        limits = Limits(**fields["limits"])
        return cls(Path(fields["path"]), limits, tuple(fields["sizes"]), fields["watermark"], image)


def answer_line(answer: Inspected | RejectedImage) -> bytes:
    """A decoder's answer as one line of JSON: a hostile file may have taken the decoder over, so nothing that runs."""
    if isinstance(answer, RejectedImage):
        return _line({"code": answer.code, "reason": answer.reason})
    return _line(asdict(answer))


def answer_of(line: bytes) -> Inspected:
    """The answer in a line of `answer_line`; raises the `RejectedImage` that it holds."""
    fields = json.loads(line)
    if "code" in fields:
        raise RejectedImage(fields["code"], fields["reason"])
    return Inspected(Format(fields["format"]), fields["width"], fields["height"])


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
