"""Fixtures that tests in several folders share."""

pytest_plugins = ["tests.e2e.fixtures", "tests.browser.fixtures"]
