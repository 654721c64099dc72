"""Where the command line keeps who is logged in."""

import json
import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from cli.errors import Exit, Failure


class Account(BaseModel):
    """A Photoferry and an API token for it."""

    model_config = ConfigDict(frozen=True)

    url: str
    token: str

    @classmethod
    def current(cls) -> Self:
        """From `PHOTOFERRY_URL` and `PHOTOFERRY_TOKEN`, else from the last log-in. Raises `Failure`."""
        if token := os.environ.get("PHOTOFERRY_TOKEN"):
            return cls(url=os.environ.get("PHOTOFERRY_URL", "http://127.0.0.1:8000"), token=token)
        try:
            return cls.model_validate_json(_file().read_text())
        except FileNotFoundError:
            raise Failure("Nobody is logged in: run 'photoferry login URL'.", Exit.NOT_LOGGED_IN) from None

    def keep(self) -> Path:
        """Remember it, readable by its owner only."""
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(json.dumps(self.model_dump()))
        return file


def _file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "photoferry" / "account.json"
