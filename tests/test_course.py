"""The teacher's tools: they tell right answers from wrong ones, and every picture has words."""

import re
from xml.etree import ElementTree

import nbformat
import pytest

from course import check as checking
from course import command
from course.handout import without_solutions
from course.notebook import NOTEBOOKS, exercises, read, title
from course.pictures import export_pictures
from course.results import missing
from course.rows import BEGIN, END, ROWS, with_table

code, markdown = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


@pytest.mark.parametrize(
    ("wanted", "shown", "absent"),
    [
        (["-2.0 4.0 2.0"], "[-2.0, 4.0, 2.0]", []),
        (["-2.0 4.0 2.0"], "2 4 -2", []),
        (["-2.0 4.0 2.0"], "2 4", ["-2.0"]),
        (["-2.0"], "2.0", ["-2.0"]),
        (["0.2350"], "0.235", []),
        (["0.2350"], "0.23504", []),
        (["0.2350"], "0.23", ["0.2350"]),  # two digits may be chance
        (["0.2350"], "0.24", ["0.2350"]),
        (["404"], "404.2", ["404"]),  # what is counted is counted exactly
        (["404"], "1404", ["404"]),
        (["65,535"], "65535 calls", []),
        (["87%"], "0.8733", []),
        (["87%"], "87.3 %", ["87%"]),
        (["87%"], "0.8766", ["87%"]),
        (["1e-05"], "0.00001", []),
        (["0.000045"], "4.54e-05", []),
        (["1: 87%", "2: 88%"], "0.87 and 0.88", []),  # 1 and 2 are what is asked, and no result
        (["layer 1 weight: 0.50 0.25"], "0.5", ["0.25"]),
        (["True True"], "True", []),
        (["True"], "False", ["True"]),
        (["[]"], "nothing", ["[]"]),
        (["nothing is lost"], "so nothing is lost here", []),
        (["3 3 3"], "", ["3"]),
        ([], "", []),
    ],
)
def test_results_are_found_however_they_are_written(wanted, shown, absent):
    assert missing(wanted, shown) == absent


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_solutions_hold_and_an_empty_answer_does_not(path):
    for each in exercises(read(path)):
        assert missing(each.prints, "\n".join(each.prints)) == [], each.title
        assert not each.prints or missing(each.prints, ""), each.title


def exercise(number: int, title: str, block: str, *answer: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    solution = f"<details><summary>Solution</summary>\n\nSo:\n\n```python\n{block}\n```\n\n</details>"
    return [markdown(f"**{number}. {title}.** Why?"), *(answer or [code("")]), markdown(solution)]


ANSWERS = {  # the solution, what a student wrote, and what is to be found
    "Printed": ("print(x + 1)  # prints 2", code("print('that is', 1 + x)"), "holds"),
    "Defined": ("print(x / 3)  # prints 0.3333333333333333", code("third = x / 3"), "holds"),
    "Shown": ("print(x + 4)  # prints 5", code("x + 4"), "holds"),
    "Wrong": ("print(x + 2, 7)  # prints 3 7", code("print(7, 8)"), "differs"),
    "Not run": ("print(x)  # prints 1", code("print(1)\nprint(no_such_name)"), "fails"),
    "Empty": ("print(x)  # prints 1", code(" "), "empty"),
    "Known before": ("print(x)  # prints 1", code("y = 8"), "differs"),
    "Words": ("x", markdown("Because it is one."), "to read"),
}


def course_and_student(folder):
    """A course with one notebook, and what a student made of it."""
    cells = [markdown("# 1. One\n\nmake notebook"), code("x = 1"), markdown("## Exercises")]
    ours, theirs = [[*cells] for _ in range(2)]
    for i, (name, (block, answer, _)) in enumerate(ANSWERS.items(), 1):
        ours += exercise(i, name, block)
        theirs += exercise(i, name, block, answer)[:2]  # the solution was not handed out
    (folder / "course").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=ours), folder / "course" / "01-one.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=theirs), folder / "student.ipynb")
    return folder / "course", folder / "student.ipynb"


def test_a_students_notebook_is_checked(tmp_path, monkeypatch, capsys):
    course, student = course_and_student(tmp_path)
    monkeypatch.setattr(checking, "NOTEBOOKS", course)
    assert command.main(["check", str(student)]) == 1
    report = capsys.readouterr().out
    for i, (name, (*_, verdict)) in enumerate(ANSWERS.items(), 1):
        assert re.search(rf"^ +{i}\. {name} +{verdict}", report, re.M), report
    assert "does not show 3\n" in report
    assert "NameError: name 'no_such_name' is not defined" in report
    assert "Because it is one." in report
    assert report.endswith("3 of 8 hold, 1 to read\n")


def test_an_endless_answer_and_a_cell_that_fails_are_reported(tmp_path, monkeypatch):
    course, student = course_and_student(tmp_path)
    monkeypatch.setattr(checking, "NOTEBOOKS", course)
    notebook = read(student)
    notebook.cells = [*notebook.cells[:2], code("1 / 0"), *notebook.cells[2:5]]
    notebook.cells[-1].source = "while True: pass"
    nbformat.write(notebook, student)
    report = checking.check(student, timeout=1)
    assert not report.is_right
    assert "ZeroDivisionError" in report.failures[0]
    assert report.findings[0].verdict == "fails"
    assert {finding.verdict for finding in report.findings[1:]} == {"empty"}


def test_all_right_is_right(tmp_path, monkeypatch):
    course, student = course_and_student(tmp_path)
    monkeypatch.setattr(checking, "NOTEBOOKS", course)
    for path in (student, course / "01-one.ipynb"):
        notebook = read(path)
        notebook.cells = notebook.cells[: 5 if path == student else 6]
        nbformat.write(notebook, path)
    assert command.main(["check", str(student)]) == 0


def test_what_is_no_notebook_of_the_course_is_refused(tmp_path, capsys):
    text, other = tmp_path / "text.ipynb", tmp_path / "other.ipynb"
    text.write_text("nothing of the kind")
    nbformat.write(nbformat.v4.new_notebook(cells=[markdown("# Cooking")]), other)
    for path, words in ((text, "is no notebook"), (other, "'Cooking'"), (tmp_path / "none.ipynb", "none.ipynb")):
        assert command.main(["check", str(path)]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_handouts_have_all_but_the_solutions(path):
    notebook = read(path)
    handed_out = without_solutions(notebook)
    assert not any("<details>" in cell.source for cell in handed_out.cells)
    assert not any("solution" in cell.source.lower() for cell in handed_out.cells if cell.cell_type == "markdown")
    assert "Try each one" in "".join(cell.source for cell in handed_out.cells) or path.name.startswith("13")
    assert [exercise.title for exercise in exercises(handed_out)] == [each.title for each in exercises(notebook)]
    assert len(notebook.cells) - len(handed_out.cells) == len(exercises(notebook))


PICTURES = [
    markdown("# 1. Two pictures\n\n## A graph\n\nHere is $y$. What will it be?"),
    code(
        '%config InlineBackend.figure_formats = ["retina"]\nimport matplotlib.pyplot as plt\nfrom engine import Value'
    ),
    code("import viz\nx = Value(2.0, label='x')\nx * x"),
    markdown("## A plot\n\nWhere is $y = 0$? And *who*\nasks? We do.\n\n**Predict**: which? (Or `both`?)"),
    code("plt.plot([1, 2], label='a < b')\nplt.xlabel('time')\nplt.ylabel('place');"),
    code("print('no picture')"),
    code("ax = viz.plot_history({'loss': [2.0, 1.0]})"),
]


def test_pictures_are_written_with_words(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(cells=PICTURES), tmp_path / "01-two.ipynb")
    written = export_pictures(tmp_path / "01-two.ipynb", tmp_path / "out")
    names = ["01.svg", "01.png", "02.svg", "02.png", "03.svg", "03.png", "pictures.md", "slides.html"]
    assert [path.name for path in written] == names
    plotted = "Plot of place against time: a < b from 1 at 0 to 2 at 1."
    words = ["Computation graph of 2 nodes", plotted, "loss from 2 to 1"]
    described = (tmp_path / "out" / "pictures.md").read_text()
    slides = (tmp_path / "out" / "slides.html").read_text()
    alts = re.findall(r'<img alt="([^"]*)"', slides)
    for i, said in enumerate(words, 1):
        assert (tmp_path / "out" / f"{i:02}.png").read_bytes().startswith(b"\x89PNG")
        title = ElementTree.parse(tmp_path / "out" / f"{i:02}.svg").find("{http://www.w3.org/2000/svg}title")
        assert said in title.text
        assert said in described
        assert said in alts[i - 1].replace("&lt;", "<")
    assert re.findall(r"<h2>(.*?)</h2>", slides) == ["A graph", "A plot", "A plot"]
    assert re.findall(r'<p class="asked">(.*?)</p>', slides) == ["What will it be?", "And who asks? Which? Or both?"]
    assert not re.search(r"https?://|<link|@import| src=\"(?!data:)", slides)


def test_a_table_is_put_in_its_place():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_table(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_table(with_table(page, "newer"), "new") == with_table(page, "new")
    with pytest.raises(ValueError, match="the page needs the lines"):
        with_table("before", "new")


def test_the_map_names_every_notebook_and_says_how_long_it_takes():
    page = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    minutes = {"an hour": "60", "an hour and a half": "90", "three hours": "180"}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = read(path)
        line = re.search(rf"^\| \[(.*?)\]\({re.escape(path.name)}\) \|.*\| (\d+) \|$", page, re.M)
        assert line, f"the map has no line for {path.name}"
        assert line[1] == title(notebook)
        first = re.sub(r"[*\s]+", " ", notebook.cells[0].source)
        said = re.search(r"(?:It takes about|Take) (?:(\d+) minutes|(an hour and a half|an hour|three hours))", first)
        assert said, f"{path.name} does not say at the top how long it takes"
        assert line[2] == (said[1] or minutes[said[2]])
    linked = set(re.findall(r"\]\((.*?\.ipynb)\)", page))
    assert linked == {path.name for path in NOTEBOOKS.glob("*.ipynb")}


def test_the_table_has_every_row_and_names_the_cell(capsys):
    assert command.main(["table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert "[01](01-values-and-gradients.ipynb) Exact against nearly (37)" in lines[1 + 5]
