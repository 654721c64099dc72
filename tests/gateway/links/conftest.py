"""A scene for tests of what stands behind links."""

import pytest

from tests.gateway.links.scene import Scene
from tests.gateway.running import RunningGateway


@pytest.fixture(scope="session")
async def scene(gateway: RunningGateway) -> Scene:
    """A studio at the running gateway; each test opens galleries of its own."""
    return Scene(gateway, await gateway.studio())
