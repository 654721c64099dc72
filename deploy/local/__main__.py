"""`python -m deploy.local up`: Photoferry on this machine, in the foreground."""

import argparse
import asyncio
import sys

from pydantic import ValidationError

from deploy.local.config import Config
from deploy.local.errors import LocalError
from deploy.local.up import up


def main() -> None:
    """Runs the command; what is missing or wrong is one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    parser.add_argument("command", choices=["up"], help="up: run Photoferry until Ctrl-C")
    parser.parse_args()
    try:
        asyncio.run(up(Config()))
    except LocalError as error:
        sys.exit(f"Photoferry did not start: {error}")
    except ValidationError as error:
        sys.exit("\n".join(f"PHOTOFERRY_{it['loc'][0]}".upper() + f": {it['msg']}" for it in error.errors()))


if __name__ == "__main__":
    main()
