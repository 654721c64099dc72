"""Secrets that are made once and kept beside the data they protect."""

import os
import secrets
from pathlib import Path


def kept_secret(file: Path) -> str:
    """The secret in the file (64 hexadecimal digits), made at the first call; only its owner may read the file."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
    return file.read_text()
