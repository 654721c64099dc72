"""Where something can be rebuilt."""

from collections.abc import AsyncIterator

import pytest

from tests.cli.rebuild.installation import Installation


@pytest.fixture
async def installation(database_url: str) -> AsyncIterator[Installation]:
    """All services' schemas, and nothing in them."""
    async with Installation(database_url) as there:
        yield there
