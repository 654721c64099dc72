"""A provider on loopback for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.payments.pretend import PretendProvider, pretend_provider


@pytest.fixture
async def provider() -> AsyncIterator[PretendProvider]:
    async with pretend_provider() as running:
        yield running
