"""`python -m deploy.compose.first_start`: makes the secrets of a new installation, and leaves those that are there.

Each server and each service finds its own in a volume that nobody else is given.
"""

import secrets
import sys
from pathlib import Path

DATABASE, RABBITMQ, STORE = "PHOTOFERRY_DATABASE_URL", "PHOTOFERRY_RABBITMQ_URL", "PHOTOFERRY_S3_URL"
KEY = "PHOTOFERRY_SECRET"
GIVEN = {
    "gateway": (DATABASE, RABBITMQ, STORE, KEY),
    "orders": (DATABASE, RABBITMQ),
    "transfers": (DATABASE, RABBITMQ, STORE),
    "entitlements": (DATABASE, RABBITMQ),
    "notifier": (DATABASE, RABBITMQ, KEY),
}
"""What each service is given."""


def make_secrets(root: Path) -> None:
    """Fills a folder in `root` for each service, and `postgres`, `rabbitmq` and `store`."""
    postgres, rabbitmq, store = (_kept(root / server / "password") for server in ("postgres", "rabbitmq", "store"))
    _write(
        root / "rabbitmq" / "conf.d" / "10-photoferry.conf",
        f"default_user = photoferry\ndefault_pass = {rabbitmq}\nlog.console = true\n",
    )
    made = {
        DATABASE: f"postgresql://photoferry:{postgres}@postgres:5432/photoferry",
        RABBITMQ: f"amqp://photoferry:{rabbitmq}@rabbitmq:5672/",
        STORE: f"http://photoferry:{store}@store:9000/photoferry",
        KEY: _kept(root / "gateway" / KEY),
    }
    for service, names in GIVEN.items():
        for name in names:
            _write(root / service / name, made[name])


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
