"""Files with secrets, beside the data they protect."""

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path


def kept_secret(file: Path) -> str:
    """The secret in the file (64 hexadecimal digits), made at the first call; only its owner may read the file."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_new(file, secrets.token_hex(32))
    return file.read_text()


def write_env(file: Path, env: Mapping[str, str]) -> None:
    """Variables, as a shell reads them; only its owner may read the file."""
    file.unlink(missing_ok=True)
    _write_new(file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in env.items()))


def _write_new(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
        new.write(text)
