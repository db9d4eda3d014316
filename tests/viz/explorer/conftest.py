"""Pages of the explorer in the browser that all tests share."""

from itertools import count

import pytest


@pytest.fixture
def opened(open_page, tmp_path):
    """Opens an explorer in a page of its own."""
    numbers = count()
    return lambda explorer, **options: open_page(
        explorer.save(tmp_path / f"{next(numbers)}.html"), reduced_motion="reduce", **options
    )
