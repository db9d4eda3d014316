"""The browser that all tests of pages share: Playwright starts no second one beside it."""

import pytest
from browser import chromium


@pytest.fixture(scope="session")
def browser():
    with chromium() as started:
        yield started
