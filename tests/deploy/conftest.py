"""What Helm makes of the chart, once for all tests that look at it."""

import pytest

from tests.deploy.chart import EVERYTHING, MINIMAL, Objects, render


@pytest.fixture(scope="session")
def minimal() -> Objects:
    """Nothing is said of who is where."""
    return render(MINIMAL)


@pytest.fixture(scope="session")
def everything() -> Objects:
    """Clients, Prometheus and the servers are known."""
    return render(EVERYTHING)
