"""A running gateway for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.client import StudioClient
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers


@pytest.fixture(scope="session")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One gateway with orders beside it, for all tests: each makes its own studio."""
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
async def studio(gateway: RunningGateway) -> StudioClient:
    """A new studio at the gateway."""
    return await gateway.studio()
