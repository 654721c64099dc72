"""`python -m deploy.compose.first_start`: makes the secrets of a new installation, and leaves those that are there.

Each server and the services find theirs in a volume of their own, which nobody else is given.
"""

import secrets
import sys
from pathlib import Path


def make_secrets(root: Path) -> None:
    """Fills the folders `photoferry`, `postgres`, `rabbitmq` and `store` in `root`."""
    postgres, rabbitmq, store = (_kept(root / server / "password") for server in ("postgres", "rabbitmq", "store"))
    _write(
        root / "rabbitmq" / "conf.d" / "10-photoferry.conf",
        f"default_user = photoferry\ndefault_pass = {rabbitmq}\nlog.console = true\n",
    )
    ours = root / "photoferry"
    _kept(ours / "PHOTOFERRY_SECRET")
    _write(ours / "PHOTOFERRY_DATABASE_URL", f"postgresql://photoferry:{postgres}@postgres:5432/photoferry")
    _write(ours / "PHOTOFERRY_RABBITMQ_URL", f"amqp://photoferry:{rabbitmq}@rabbitmq:5672/")
    _write(ours / "PHOTOFERRY_S3_URL", f"http://photoferry:{store}@store:9000/photoferry")


def _kept(file: Path) -> str:
    """What is in the file, made at random when there is nothing yet."""
    if not file.exists():
        _write(file, secrets.token_hex(32))
    return file.read_text()


def _write(file: Path, text: str) -> None:
    """As a whole or not at all. Each server reads it as another user; other containers have no such volume."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_text(text)
    part.chmod(0o444)
    part.rename(file)


if __name__ == "__main__":
    make_secrets(Path(sys.argv[1]))
