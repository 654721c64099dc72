"""`python -m deploy.local up`: Photoferry on this machine, in the foreground."""

import argparse
import asyncio
import sys

from pydantic import ValidationError

from cli.errors import Failure
from deploy.local.config import Config
from deploy.local.demo import demo
from deploy.local.errors import LocalError
from deploy.local.up import up


def main() -> None:
    """Runs the command; what is missing or wrong is one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    helptext = "up: run Photoferry until Ctrl-C; demo: fill a running one with a gallery and orders in every state"
    parser.add_argument("command", choices=["up", "demo"], help=helptext)
    work = {"up": up, "demo": demo}[parser.parse_args().command]
    try:
        asyncio.run(work(Config()))
    except Failure as failure:
        sys.exit(f"{failure} Is Photoferry running? Start it with 'make up'.")
    except LocalError as error:
        sys.exit(f"Photoferry did not start: {error}")
    except ValidationError as error:
        sys.exit("\n".join(f"PHOTOFERRY_{it['loc'][0]}".upper() + f": {it['msg']}" for it in error.errors()))


if __name__ == "__main__":
    main()
