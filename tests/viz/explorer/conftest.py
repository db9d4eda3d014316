"""The browser that all tests of the page share, and pages in it."""

import pytest
from browser import Watched, chromium


@pytest.fixture(scope="package")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser, tmp_path):
    """Opens an explorer in a page of its own."""
    pages = []

    def open_page(explorer, **options):
        watched = Watched(browser, reduced_motion="reduce", **options)
        pages.append(watched)
        return watched.open(explorer.save(tmp_path / f"{len(pages)}.html"))

    yield open_page
    for each in pages:
        each.close()
