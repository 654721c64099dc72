"""The notifier's database."""

import pytest

from chassis.db import Database
from tests.conftest import OpenDatabase


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    """The notifier's own schema."""
    return await open_database("notifier")
