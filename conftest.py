"""Fixtures that tests in several folders share, and how many tests run at the same time."""

import pytest

pytest_plugins = ["tests.infra", "tests.e2e.fixtures", "tests.browser.fixtures"]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers, each with servers of its own, for the whole suite, which often waits; none for chosen tests."""
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return 2 if is_whole else 0
