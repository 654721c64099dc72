"""Starting a module of this repository as a program."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.process import Command

REPOSITORY = Path(__file__).parents[2]


def python_command(module: str, *arguments: str, log: Path, env: Mapping[str, str] | None = None) -> Command:
    """`python -m module` by this same Python, from any folder, with `env` added to our own environment."""
    whole_env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **(env or {})}
    return Command(argv=(sys.executable, "-m", module, *arguments), env=whole_env, log=log)
