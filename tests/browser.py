"""A browser for the tests of pages: one for all of them, the system's Chromium; and what modules of a page define."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which CONTRIBUTING.md says more of")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node, which CONTRIBUTING.md says more of")
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: run npm ci")


@contextmanager
def chromium() -> Iterator:
    """The browser, started."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """A page of which is known what it asked for and what it complained of.

    It opens file after file: a new page is a new process, which takes more than a second of computing.

    Attributes:
        page: Playwright's.
        requests: what it asked for since it opened the last file, but for that.
        complaints: errors since then, and what was written to the console.
    """

    def __init__(self, browser):
        self.page = browser.new_page()
        self.page.set_default_timeout(20_000)
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def open(self, path, *, width=1280, height=800, color_scheme="light", reduced_motion="no-preference"):
        """Open a file."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        self.page.mouse.move(0, 0)
        self.page.goto(path.as_uri())
        self.requests.remove(path.as_uri())
        return self.page

    def leave(self):
        """Leave the file, which must have kept to itself."""
        self.page.goto("about:blank")
        complaints, requests = [*self.complaints], [*self.requests]
        self.complaints.clear()
        self.requests.clear()
        assert complaints == []
        assert requests == []


def names_at_the_top(text):
    """What is defined at the top level of a module, or of several joined; a name as often as it is."""
    return re.findall(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", text, re.M)
