"""A database of entitlements, and a gallery nobody has heard of."""

from uuid import UUID

import pytest

from chassis.db import Database
from contracts.base import uuid7
from tests.conftest import OpenDatabase


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("entitlements")


@pytest.fixture
def gallery() -> UUID:
    return uuid7()
