"""What people look for on a page."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator


def _without_nul(sought: str) -> str:
    """No name has a NUL, and PostgreSQL takes none."""
    return sought.replace("\0", "")


Sought = Annotated[str, Query(max_length=255), AfterValidator(_without_nul)]
