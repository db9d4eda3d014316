"""Drawing with and without Graphviz programs, files written whole or not at all, and what Jupyter shows."""

import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import warnings
import xml.dom.minidom
from pathlib import Path

import graphviz
import pytest
from IPython.core.formatters import DisplayFormatter

from engine import Value
from engine.files import write_atomically
from viz import Diagram, draw_graph, render
from viz.graph import render as render_module
from viz.graph.diagram import show
from viz.graph.render import FORMATS

ROOT = Path(__file__).parent.parent.parent
FIRST_BYTES = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}

# A `dot` that is really pygraphviz, so that the road through the program is tested where Graphviz is not installed.
FAKE_DOT = f"""#!{sys.executable}
import sys
import pygraphviz
options = dict((option[1], option[2:]) for option in sys.argv[1:])
try:
    picture = pygraphviz.AGraph(string=sys.stdin.read()).draw(format=options["T"], prog=options["K"])
except pygraphviz.DotError as error:
    sys.exit(str(error))
sys.stdout.buffer.write(picture)
"""


@pytest.fixture
def diagram() -> Diagram:
    x = Value(2.0, "x")
    return draw_graph(x * x)


@pytest.fixture
def no_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def no_program(monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.fixture
def fake_program(monkeypatch, tmp_path):
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text(FAKE_DOT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(path), "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=path)


def test_every_format_is_drawn_and_saved_where_no_program_is_on_the_path(tmp_path):
    assert shutil.which("dot", path=str(tmp_path)) is None
    done = run(
        f"""
from engine import Value
from viz import draw_graph
diagram = draw_graph(Value(2.0, "x") * 3)
for format in {FORMATS}:
    diagram.save_as(f"graph.{{format}}")
    assert diagram.pipe(format) == open(f"graph.{{format}}", "rb").read() or format == "pdf"
    print(diagram.render(f"by_render_{{format}}", format=format))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"by_render_{format}.{format}" for format in FORMATS]
    for format in FORMATS:
        assert (tmp_path / f"graph.{format}").read_bytes().startswith(FIRST_BYTES[format])
        assert (tmp_path / f"by_render_{format}.{format}").read_bytes().startswith(FIRST_BYTES[format])


@pytest.mark.parametrize("format", FORMATS)
def test_the_program_is_used_where_pygraphviz_is_missing(format, diagram, no_pygraphviz, fake_program, monkeypatch):
    monkeypatch.delitem(sys.modules, "pygraphviz")
    in_process = render(diagram.source, format)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    by_program = render(diagram.source, format)
    assert by_program.startswith(FIRST_BYTES[format])
    assert by_program == in_process or format == "pdf"  # a PDF holds the time


def test_where_nothing_is_installed_the_error_says_what_to_install(diagram, no_pygraphviz, no_program, tmp_path):
    for draw in (lambda: render(diagram.source), diagram.pipe, lambda: diagram.save_as(tmp_path / "x.svg")):
        with pytest.raises(RuntimeError, match="pip install pygraphviz"):
            draw()
    assert not (tmp_path / "x.svg").exists()
    assert diagram.save_as(tmp_path / "x.dot").read_text() == diagram.source


def test_an_unknown_format_is_refused_with_the_known_ones(diagram, tmp_path):
    for draw in (lambda: render(diagram.source, "bmp"), lambda: diagram.pipe("bmp")):
        with pytest.raises(ValueError, match="'bmp': the formats are 'svg', 'png', 'pdf'"):
            draw()
    for name in ("x.bmp", "x"):
        with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.pdf, \.dot, \.gv"):
            diagram.save_as(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_text_that_is_not_dot_is_refused():
    with pytest.raises(ValueError, match="cannot draw this text"):
        render("digraph {")
    with pytest.raises(ValueError, match="cannot draw this text"):
        render("no_such_file.dot")


def test_text_that_is_not_dot_is_refused_by_the_program(no_pygraphviz, fake_program):
    with pytest.raises(ValueError, match=r"cannot draw this text: \w"):
        render("digraph {")


def test_an_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="cannot draw"):
        render("digraph { a }", layout="nonsense")


def test_threads_may_draw_at_the_same_time(diagram):
    pictures = []
    threads = [threading.Thread(target=lambda: pictures.append(diagram.pipe("svg"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pictures == [diagram.pipe("svg")] * 8


# The rest of graphviz.Digraph


def test_it_is_a_digraph_that_can_be_added_to_and_copied(diagram):
    assert isinstance(diagram, graphviz.Digraph)
    diagram.node("extra", "more")
    with diagram.subgraph(name="cluster_x") as cluster:
        cluster.node("inside")
    copied = diagram.copy()
    assert copied.source == diagram.source
    assert (copied.title, copied.pipe()) == (diagram.title, diagram.pipe())
    assert b">inside<" in copied.pipe()


def test_save_writes_the_dot_text(diagram, tmp_path):
    assert diagram.save("g.gv", tmp_path / "new") == str(tmp_path / "new" / "g.gv")
    assert (tmp_path / "new" / "g.gv").read_text() == diagram.source
    (tmp_path / "new" / "g.gv").write_text("mine")
    diagram.save("g.gv", tmp_path / "new", skip_existing=True)
    assert (tmp_path / "new" / "g.gv").read_text() == "mine"


@pytest.mark.parametrize(("name", "start"), [("g.png", b"\x89PNG"), ("g.PDF", b"%PDF"), ("g.svg", b"<?xml")])
def test_save_writes_the_picture_where_the_name_is_a_pictures(diagram, tmp_path, name, start):
    assert diagram.save(name, tmp_path / "new") == str(tmp_path / "new" / name)
    assert (tmp_path / "new" / name).read_bytes().startswith(start)
    assert diagram.save(tmp_path / "text") == str(tmp_path / "text")
    assert (tmp_path / "text").read_text() == diagram.source
    assert diagram.render("p.png", tmp_path / "as_graphviz") == str(tmp_path / "as_graphviz" / "p.png.svg")
    assert (tmp_path / "as_graphviz" / "p.png").read_text() == diagram.source


def test_render_writes_text_and_picture(diagram, tmp_path):
    assert diagram.render("g", tmp_path) == str(tmp_path / "g.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g", "g.svg"]
    assert diagram.render("h.gv", tmp_path, format="png", cleanup=True) == str(tmp_path / "h.gv.png")
    assert not (tmp_path / "h.gv").exists()
    assert diagram.render(outfile=tmp_path / "o.pdf") == str(tmp_path / "o.pdf")
    assert (tmp_path / "o.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "o.gv").read_text() == diagram.source


def test_pipe_gives_text_when_asked(diagram):
    assert diagram.pipe(encoding="utf-8").encode() == diagram.pipe("svg")


# SVG


def test_an_svg_has_its_text_for_those_who_cannot_see_it(diagram):
    root = xml.dom.minidom.parseString(diagram.pipe("svg")).documentElement
    title, description = (root.getElementsByTagName(name)[0] for name in ("title", "desc"))
    assert title.firstChild.data == "Computation graph of 2 nodes: x * x = 4."
    assert description.firstChild.data == "x = 2 (input). v2 = x * x = 4."
    assert root.getAttribute("role") == "img"
    assert root.getAttribute("aria-labelledby") == f"{title.getAttribute('id')} {description.getAttribute('id')}"


def ids(svg: bytes) -> list[str]:
    everything = xml.dom.minidom.parseString(svg).getElementsByTagName("*")
    return [element.getAttribute("id") for element in everything if element.hasAttribute("id")]


def test_ids_are_unique_on_a_page_and_the_same_every_time():
    first, again, other = (draw_graph(Value(number, "x") * 3).pipe("svg") for number in (1.0, 1.0, 2.0))
    assert first == again
    assert len(set(ids(first))) == len(ids(first)) > 5
    assert not set(ids(first)) & set(ids(other))


def test_nothing_black_lies_on_the_bare_background():
    svg = draw_graph(Value(1.0, "x") * 3, derivatives=True).pipe(encoding="utf-8")
    assert not re.search(r'(fill|stroke)="(black|#000)', svg)
    assert 'bgcolor="white"' not in svg
    for text in re.findall(r"<text[^>]*>∂[^<]*", svg):
        assert 'fill="#757b85"' in text


# Files


def test_a_failing_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x.svg"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=re.escape(f"cannot write {path}: No space left on device")):
        write_atomically(path, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.svg", b"old")]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("missing/x.svg", FileNotFoundError, "the folder .*missing does not exist"),
        ("", IsADirectoryError, "it is a folder"),
        ("x" * 300 + ".svg", OSError, "name too long"),
    ],
)
def test_a_path_that_cannot_be_written_is_named(name, error, message, tmp_path, diagram):
    with pytest.raises(error, match=message) as caught:
        write_atomically(tmp_path / name, b"content")
    assert str(tmp_path / name) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_file_and_folder_are_named(tmp_path, monkeypatch):
    path = tmp_path / "x.svg"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:  # the superuser may write anything, so that modes would show nothing
        patch.setattr(os, "access", lambda *_: False)
        with pytest.raises(PermissionError, match="the file is read-only"):
            write_atomically(path, b"new")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match=re.escape(f"cannot write {tmp_path / 'y.svg'}: Permission denied")):
        write_atomically(tmp_path / "y.svg", b"new")


def test_links_and_modes_are_kept(tmp_path):
    target, link = tmp_path / "target.svg", tmp_path / "link.svg"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_device_is_written_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    received: list[bytes] = []
    reader.start()
    write_atomically(pipe, b"through")
    reader.join()
    assert received == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


# Jupyter


def test_jupyter_shows_a_value_as_its_graph():
    x = Value(2.0, "x")
    y = x * x
    data, _ = DisplayFormatter().format(y)
    assert data["text/plain"] == repr(y)
    assert data["image/svg+xml"] == draw_graph(y).pipe(encoding="utf-8")


def test_jupyter_shows_a_big_graph_in_brief():
    y = Value(1.0)
    for _ in range(5000):
        y = -y
    assert "… 4,994 operations" in y._repr_mimebundle_()["image/svg+xml"]


def test_jupyter_gets_the_types_that_it_asks_for(diagram):
    for shown in (diagram, Value(1.0)):
        assert shown._repr_mimebundle_(include=["image/png"])["image/png"].startswith(b"\x89PNG")
        assert shown._repr_mimebundle_(include=["image/jpeg"]) == {}
        assert list(shown._repr_mimebundle_(exclude=["image/svg+xml"])) == ["text/plain"]


def test_where_nothing_can_be_drawn_jupyter_shows_the_text_and_why(no_pygraphviz, no_program):
    y = Value(2.0, "x") * 3
    with pytest.warns(RuntimeWarning, match="no picture: .*pip install pygraphviz"):
        assert y._repr_mimebundle_() == {"text/plain": repr(y)}
    with pytest.warns(RuntimeWarning, match="no picture"):
        assert list(draw_graph(y)._repr_mimebundle_()) == ["text/plain"]


def test_a_notebook_never_gets_an_exception_even_where_warnings_are_errors():
    def fail():
        raise ZeroDivisionError("broken")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert show(fail, "text") == {"text/plain": "text"}


@pytest.mark.parametrize(
    "text",
    [
        r'digraph { a [label="\nend"] }',
        r'digraph { a [label="\n"]; end }',
        'digraph { a [label="\r\nend"] }',
        r'digraph { a [shape=record label="{x|{\n|end}}"] }',
        r'digraph { a -> "end" [label="\l" headlabel="\n"]; label="\n" }',
    ],
)
def test_labels_that_begin_with_an_empty_line_do_not_end_python(text, monkeypatch):
    """Graphviz frees what it never made of them, which goes wrong now and then: it must never be given one."""
    given = []
    monkeypatch.setattr(render_module, "_render_with_program", lambda source, *_: given.append(source) or b"")
    with monkeypatch.context() as without:
        without.setattr(render_module, "_render_in_process", lambda *_: None)
        render(text)
    assert not re.search(r'="(\\[nlr]|\r?\n)|\|\{\\[nlr]', given[0])
    assert b">end<" in render(text)
