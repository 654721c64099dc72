"""What transfers is told by its environment."""

import os
from pathlib import Path
from tempfile import gettempdir

from pydantic import Field

from chassis.settings import StoreSettings


class TransfersSettings(StoreSettings):
    """What is taken in, and how long what was replaced is kept."""

    max_upload_bytes: int = Field(default=200_000_000, gt=0)
    """Larger files are refused; the gateway is told the same."""
    max_upload_pixels: int = Field(default=300_000_000, gt=0)
    """Pictures with more pixels are refused before they are decoded."""
    keep_replaced: float = Field(default=3_600, ge=0)
    """Seconds that a final stays in the store after it was replaced or removed, for downloads that have begun."""
    scratch: Path = Field(default_factory=lambda: Path(gettempdir()) / f"photoferry-transfers-{os.getuid()}")
    """Folder where uploads are looked at: room for one upload and its previews for each processor. By default one of
    the user's own among the machine's temporary files."""
