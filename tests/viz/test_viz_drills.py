"""Drills: their numbers are the engine's, can be done in the head, and every mistake is named; pages and sheets."""

import json
import math
import random
import re
import subprocess
from itertools import islice
from pathlib import Path

import pytest
from browser import needs_node

from engine import Value, numerical_gradient
from engine.op import row_named
from viz import practice
from viz.drills.board import write_number
from viz.drills.drill import Drill, drills
from viz.drills.judging import judge
from viz.drills.levels import LEVELS
from viz.drills.page import practice_document
from viz.drills.score import LOWER_AFTER, RAISE_AFTER, Score

HERE = Path(__file__).parent
EACH = 8
ALL = [(level, number) for level in range(1, len(LEVELS) + 1) for number in (0, 5)]


def some(level, seed=0, n=EACH):
    return list(islice(drills(level, seed), n))


@pytest.mark.parametrize("level", range(1, len(LEVELS) + 1))
def test_the_numbers_are_those_of_the_engine(level):
    for drill in some(level):
        nodes, todo = {}, [drill.value]
        while todo:
            node = todo.pop()
            if node.label:
                nodes[node.label] = node
            todo += node.operands
        drill.value.backward()
        received = {}
        for question in drill.questions:
            name = drill.name(question.event["operand"])
            if question.asked == "local":
                head = nodes[drill.name(question.event["node"])]
                position, values = question.event["position"], [x.data for x in head.operands]
                row = row_named(head.op.name, head.op.static)

                def value_of(xs, row=row):
                    from engine import ieee

                    return row.value(ieee, *xs)

                assert question.answer == pytest.approx(numerical_gradient(value_of)(values)[position], rel=1e-6)
            elif question.asked == "contribution":
                received[name] = received.get(name, 0.0) + question.answer
            else:
                assert question.answer == nodes[name].grad
                assert received.get(name, nodes[name].grad) == pytest.approx(nodes[name].grad)
        assert drill.questions


@pytest.mark.parametrize("level", range(1, len(LEVELS) + 1))
def test_the_numbers_can_be_done_in_the_head(level):
    for question in (question for drill in some(level, seed=1) for question in drill.questions):
        assert abs(question.answer) <= 150
        assert float(f"{question.answer:.3g}") == pytest.approx(question.answer)
        assert not re.search(r"nan|inf|\d{6}", question.text), question.text
        assert question.judge(question.answer).right
        assert question.judge(f"{question.answer:.3g}".replace(".", ",")).right, question.text


def test_the_same_seed_gives_the_same_drills_and_another_one_others():
    texts = [[question.text for question in islice(practice(level, seed), 9)] for level, seed in [*ALL, *ALL]]
    assert texts[: len(ALL)] == texts[len(ALL) :]
    assert len({text for questions in texts for text in questions}) > 7 * len(ALL)
    assert practice().seed != practice().seed
    assert [drill.setting for drill in some(2, seed=3, n=2)] == [
        "a = 4, c = 4\nz = a² = 16\nL = z × c = 64",
        "a = −3\nz = a² = 9\nL = z² = 81",
    ]


def test_solutions_end_in_the_answer():
    for level in range(1, len(LEVELS) + 1):
        for question in (question for drill in some(level, seed=3, n=6) for question in drill.questions):
            assert question.solution.startswith(question.blank)
            result = write_number(question.answer)
            assert re.split(r"[=:] ", question.solution)[-1] in (result, f"1 × {result}"), question.solution
            products = re.findall(r"= \(?([−\d.]+)\)? ([×+]) \(?([−\d.]+)\)? =", question.solution)
            for left, sign, right in products:
                x, y = (float(number.replace("−", "-")) for number in (left, right))
                assert (x * y if sign == "×" else x + y) == pytest.approx(question.answer, rel=1e-4), question.solution


def test_derivatives_are_written_as_in_the_explorer():
    """By names that no variable has in brackets."""
    x, y = Value(2.0, label="x"), Value(3.0, label="df/dx")
    y = y * x
    y.label = "L"
    of_x, of_y = Drill(3, y, "x df/dx").questions[::-1]
    assert [(q.asks, q.blank) for q in (of_x, of_y)] == [
        ("What is dL/dx?", "dL/dx ="),
        ("What is dL/d(df/dx)?", "dL/d(df/dx) ="),
    ]


def test_no_drill_comes_again_soon():
    for level in range(1, len(LEVELS) + 1):
        assert len({drill.setting for drill in some(level, n=12)}) == 12


# --- judging ---


def test_mistakes_on_drills_are_named():
    question = next(q for drill in drills(4, 0) for q in drill.questions if q.asked == "after" and q.event["before"])
    event = question.event
    upstream, local, before = event["upstream"], event["local"], event["before"]
    mistakes = {
        "overwrote": upstream * local,
        "added twice": before + 2 * upstream * local,
        "forgot to add": before,
        "sign": before - upstream * local,
        "forgot upstream": before + local,
        "upstream only": before + upstream,
        "right": before + upstream * local,
    }
    assert {question.judge(answer).kind for answer in mistakes.values()} == mistakes.keys()
    assert question.judge("three").kind == "not a number"
    for wrong in (None, True, [1.0]):
        with pytest.raises(TypeError, match="an answer is a number"):
            question.judge(wrong)


def node(script, given, tmp_path):
    """What a script of the page's modules says of what it is given."""
    file = tmp_path / "given.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    command = ["node", str(HERE / "explorer" / script), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
def test_python_and_the_page_judge_alike(tmp_path):
    source = random.Random(5)
    traces, cases = [], []
    for drill in (drill for level in range(1, len(LEVELS) + 1) for drill in some(level, seed=2, n=3)):
        traces.append(drill.trace)
        for index, event in enumerate(drill.trace["events"]):
            numbers = [x for x in event.values() if isinstance(x, float)]
            numbers += [-numbers[0], 0.0, numbers[0] + 1, numbers[0] * 10, sum(numbers), math.prod(numbers)]
            for asked in {"result", "gradient", "local", "contribution", "after"} & event.keys():
                answers = [written(source.choice(numbers), source) for _ in range(4)]
                answers.append(
                    source.choice(["", "x", "1/0", "1,000", "½", "-inf", "nan", "1e-5", "2·10⁻³", "(−2)", "1 2"])
                )
                cases += [[len(traces) - 1, index, asked, answer] for answer in answers]
    verdicts = node("judged.js", {"traces": traces, "cases": cases}, tmp_path)
    assert len(verdicts) == len(cases) > 1000
    for (i, index, asked, answer), verdict in zip(cases, verdicts, strict=True):
        ours = judge(answer, traces[i]["events"][index], traces[i], asked)
        assert ours._asdict() == verdict, (answer, asked, traces[i]["events"][index])
    assert len({verdict["kind"] for verdict in verdicts}) > 12


def written(x, source):
    """A number as somebody might type it."""
    text = source.choice([f"{x:.3g}", f"{x:g}", repr(x), f"{x:.1f}", f"{x:.2e}"])
    return source.choice([text, text.replace(".", ","), text.replace("-", "−"), f" {text} ", f"y = {text}"])


# --- score and levels ---


def test_a_streak_raises_the_level_and_misses_lower_it_gently():
    exercises = practice(level=3, seed=0)

    def answer(n, is_right):
        for question in islice(exercises, n):
            question.judge(question.answer if is_right else question.answer + 1000)

    answer(RAISE_AFTER - 1, True)
    assert exercises.level == 3
    answer(1, True)
    assert (exercises.level, exercises.score.streak) == (4, RAISE_AFTER)
    answer(LOWER_AFTER - 1, False)
    assert exercises.level == 4
    answer(1, False)
    assert (exercises.level, exercises.score) == (3, (8, 5, 0, 5, 3))
    answer(30 * LOWER_AFTER, False)
    assert exercises.level == 1
    answer(30 * RAISE_AFTER, True)
    assert exercises.level == len(LEVELS)
    assert "238 of 248" not in repr(exercises)
    assert f"{exercises.score.right} of {exercises.score.asked} right" in repr(exercises)


def test_the_first_answer_counts_and_what_is_no_number_does_not():
    exercises = practice(seed=0)
    question = next(exercises)
    question.judge("?")
    assert exercises.score.asked == 0
    question.judge(question.answer + 1000)
    question.judge(question.answer)
    assert (exercises.score.asked, exercises.score.right) == (1, 0)
    assert question.verdict.kind == "wrong"


# --- page and sheets ---


@pytest.fixture(scope="module")
def document():
    return practice_document(1, 0)


def test_a_page_has_the_drills_of_all_levels(document):
    series = document["practice"]
    assert [level["title"] for level in series["levels"]] == [level.title for level in LEVELS]
    for number, level in enumerate(series["levels"], 1):
        assert [drill["trace"] for drill in level["drills"]] == [
            drill.trace for drill in some(number, n=len(level["drills"]))
        ]
        for drill in level["drills"]:
            assert drill["options"]["locked"]
            assert drill["options"]["questions"]
            assert drill["layouts"]["views"]
    assert "levels.py" not in json.dumps(document)


@needs_node
def test_the_page_asks_and_scores_as_python_does(document, tmp_path):
    source = random.Random(6)
    answers = [source.random() < chance for chance in (0.9, 0.2, 0.95) for _ in range(60)]
    told = node("walked.js", {"document": document, "answers": answers}, tmp_path)
    for level, walks in zip(document["practice"]["levels"], told["walks"], strict=True):
        for drill, walk in zip(level["drills"], walks, strict=True):
            assert walk == [[q["index"], q["asked"], "right"] for q in drill["options"]["questions"]]
    score, level = Score(), 1
    for is_right, (climbed, numbers) in zip(answers, told["climb"], strict=True):
        score = score.after(is_right)
        level = score.level_after(level)
        assert (climbed, numbers) == (level, list(score))


@pytest.mark.parametrize("level", range(1, len(LEVELS) + 1))
def test_a_sheet_is_written_as_a_page(level, tmp_path):
    exercises = practice(level, seed=4)
    path = exercises.sheet(tmp_path / "sheet.html")
    text = path.read_text(encoding="utf-8")
    assert text == exercises.sheet(tmp_path / "again.html").read_text(encoding="utf-8")
    sheet, key = text.split('<section class="key">')
    assert sheet.count("</span></li>") == key.count("</li>") - key.count("</ul></li>") >= 7
    assert sheet.count("<figure>") == key.count("</ul></li>") == sheet.count("<svg ")
    for drill in some(level, seed=4, n=sheet.count("<figure>")):
        for question in drill.questions:
            solution = re.sub("</?i>", "", key)
            assert f"<li>{question.solution}</li>" in solution
    assert not re.search(r"<script|<link|<img|url\(", text)
    assert "break-before: page" in text
    assert "key" not in exercises.sheet(path, key=False).read_text(encoding="utf-8").split("</style>")[1]


@pytest.mark.parametrize("level", [1, 6])
def test_a_sheet_is_written_as_a_pdf_that_fits_on_a4_and_on_letter(level, tmp_path):
    exercises = practice(level, seed=4)
    content = exercises.sheet(tmp_path / "sheet.pdf", questions=4).read_bytes()
    assert content == exercises.sheet(tmp_path / "again.pdf", questions=4).read_bytes()
    sizes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert sizes
    assert all(float(width) <= 595.3 and float(height) <= 792 for width, height in sizes)
    assert len(exercises.sheet(tmp_path / "plain.pdf", questions=4, key=False).read_bytes()) < len(content)


def test_nothing_on_a_pdf_is_cut_off():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from viz.drills.sheet import make_sheet
    from viz.drills.sheet_pdf import HEIGHT, WIDTH, pages

    for level in (4, 9):
        for page in pages(make_sheet(level, 4, 12, True)):
            renderer = FigureCanvasAgg(page.figure).get_renderer()
            assert all(line.get_xdata()[1] - line.get_xdata()[0] > 30 for line in page.axes.lines)  # room to write
            for artist in [*page.axes.texts, *page.axes.lines, *page.axes.patches]:
                box = artist.get_window_extent(renderer)
                scale = 72 / page.figure.dpi
                words = artist.get_text() if isinstance(artist, Text) else artist
                assert box.x0 * scale >= 20, words
                assert box.x1 * scale <= WIDTH - 20, words
                assert box.y0 * scale >= 20, words
                assert box.y1 * scale <= HEIGHT - 20, words


def test_what_a_sheet_is_not_written_as(tmp_path):
    with pytest.raises(ValueError, match=r"end the file name in \.html or \.pdf, not .*sheet\.docx"):
        practice(seed=0).sheet(tmp_path / "sheet.docx")
    with pytest.raises(ValueError, match=r"end the file name in \.html, not .*drills\.pdf"):
        practice(seed=0).save(tmp_path / "drills.pdf")
