"""The README and the pages of docs tell the truth: their code runs, section by section, and prints what it says.

A ``python`` block is executed. What it prints is compared with the ``text`` block right after it, or, line by
line, with its ``# prints ...`` comments (more may follow the printed text after a comma). A ``pycon`` block is
a doctest. The blocks of a section share their names and start in an empty folder.
"""

import contextlib
import doctest
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from matplotlib import pyplot

ROOT = Path(__file__).parent.parent
FILES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FILES}
README = PAGES["README.md"]

TOKEN = re.compile(r"^(?P<hashes>#+) (?P<title>[^\n]+)$|^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    language: str
    code: str
    line: int
    output: str | None  # the text block right after it


def sections(text: str) -> dict[str, list[Block]]:
    """The blocks under each heading, in order."""
    found: dict[str, list[Block]] = {}
    blocks = found.setdefault("(top)", [])
    end_of_code = -1
    for token in TOKEN.finditer(text):
        if token["title"]:
            title = token["title"]
            assert title not in found, f"two sections are called {title!r}"
            blocks = found.setdefault(title, [])
        elif token["language"] == "text" and blocks and not text[end_of_code : token.start()].strip():
            blocks[-1] = blocks[-1]._replace(output=token["code"])
        else:
            blocks.append(Block(token["language"], token["code"], text.count("\n", 0, token.start()) + 2, None))
            end_of_code = token.end()
    return found


def said(line: str, comment: str) -> bool:
    return comment == line or comment.startswith(f"{line},")


def run(blocks: list[Block], page: str = "README.md") -> None:
    """Execute the blocks of one section and check what they print."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for language, code, line, output in blocks:
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("\n" * (line - 1) + code, page, "exec"), names)
            comments = re.findall(r"# prints (.*)$", code, re.M)
            lines = [text.rstrip() for text in printed.getvalue().splitlines()]
            if output is not None:
                assert lines == [text.rstrip() for text in output.splitlines()], f"{page}, line {line}"
            elif comments:
                right = len(lines) == len(comments) and all(map(said, lines, comments))
                assert right, f"{page}, line {line}: says it prints {comments}, but printed {lines}"
        elif language == "pycon":
            test = doctest.DocTestParser().get_doctest(code, names, page, page, line - 1)
            report: list[str] = []
            result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=False)
            assert result.attempted, f"{page}, line {line}: a pycon block without >>>"
            assert not result.failed, "".join(report)
            names.update(test.globs)


RUNNABLE = ("python", "pycon")


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (page, title)
        for page, text in PAGES.items()
        for title, blocks in sections(text).items()
        if any(block.language in RUNNABLE for block in blocks)
    ],
)
def test_pages(page, title, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        run(sections(PAGES[page])[title], page)
    finally:
        pyplot.close("all")  # what it plots, a reader looks at


def test_readme_has_code_to_run():
    assert "```python" in README


def test_readme_names_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert {"demo", "test"} <= set(re.findall(r"^make ([a-z]+)", README, re.M)) <= targets


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("```python\nprint(1)\n```\n\n```text\n1\n```\n", True),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", False),
        ("```python\nprint(1)\n```\nIt prints\n```text\n2\n```\n", True),  # other words between: not its output
        ("```python\nprint(1)  # prints 1, the first number\n```\n", True),
        ("```python\nprint(1)  # prints 12\n```\n", False),
        ("```python\nprint(1)\nprint(2)  # prints 2\n```\n", False),
        ("```python\n# prints 1\n```\n", False),
        ("```python\nx = 1\n```\n```python\nassert x == 1\n```\n", True),
        ("```python\nx = 1\n```\n## Next\n```python\nassert x == 1\n```\n", False),
        ("```python\nx = 1\n```\n```pycon\n>>> x\n1\n>>> y = 2\n```\n```python\nassert y == 2\n```\n", True),
        ("```pycon\n>>> 1 + 1\n3\n```\n", False),
        ("```pycon\n1 + 1\n```\n", False),
        ("```python\nraise ValueError\n```\n", False),
        ("```sh\nmake demo\n```\n", True),
    ],
)
def test_a_lie_is_caught(text, is_true):
    try:
        for blocks in sections(text).values():
            run(blocks)
    except (AssertionError, NameError, ValueError):
        assert not is_true
    else:
        assert is_true


def test_the_race_is_as_it_was_run():
    summary = (ROOT / "benchmarks" / "results" / "summary.md").read_text(encoding="utf-8")
    assert summary.strip() in README, "the README's table of the race is not benchmarks/results/summary.md"
