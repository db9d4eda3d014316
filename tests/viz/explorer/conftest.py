"""Pages of the explorer in the browser that all tests share."""

import pytest
from browser import Watched


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
