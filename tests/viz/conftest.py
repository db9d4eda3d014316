"""The browser that all tests of pages share, and its pages: Playwright starts no second one beside it."""

import pytest
from browser import Watched, chromium


@pytest.fixture(scope="session")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def free_pages():
    return []


@pytest.fixture
def open_page(browser, free_pages):
    """Opens a file in a page that nobody else uses now; in the end all that it opened must have kept to themselves."""
    used = []

    def open_page(path, **options):
        used.append(free_pages.pop() if free_pages else Watched(browser))
        return used[-1].open(path, **options)

    yield open_page
    for each in used:
        each.leave()
        free_pages.append(each)
