"""`python -m chassis.probe [PATH]`: whether the service of this container is well, for the container's health check."""

import os
import sys
from http.client import HTTPConnection, HTTPException

WITHIN = 9.0
"""Seconds; a health check is given ten."""


def ask(path: str = "/livez") -> str | None:
    """None when the service on `PHOTOFERRY_PORT` of this machine answers the path with 200, otherwise what is wrong."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PHOTOFERRY_PORT", "8000")), timeout=WITHIN)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return None if answer.status == 200 else answer.read().decode()
    except (OSError, HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(ask(*sys.argv[1:]))
