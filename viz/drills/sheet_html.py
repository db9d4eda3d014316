"""Sheets as pages, which print on A4 and on Letter."""

import re
from html import escape
from pathlib import Path

from viz.drills.drill import Question
from viz.drills.sheet import Exercise, Sheet

__all__ = ["as_html"]

STYLE = Path(__file__).parent / "sheet.css"
WORDS = "from first second third tanh relu"  # that are no variables


def as_html(sheet: Sheet) -> bytes:
    """The sheet as a page that prints on A4 and on Letter."""
    exercises = "\n".join(map(_exercise, sheet.exercises))
    key = ""
    if sheet.key:
        answers = "\n".join(f"<li><ul>{''.join(map(_solution, each.questions))}</ul></li>" for each in sheet.exercises)
        key = f'<section class="key"><h1>Key: {escape(sheet.title)}</h1><ol>\n{answers}\n</ol></section>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(sheet.title)}</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
<header><h1>{escape(sheet.title)}</h1><p class="who"><span>Name</span><span>Date</span></p></header>
<p class="task">{escape(sheet.task)}</p>
<ol class="exercises columns-{sheet.columns}">
{exercises}
</ol>
<footer>{escape(sheet.note)}</footer>
</main>
{key}
</body>
</html>
""".encode()


def _exercise(exercise: Exercise) -> str:
    picture = re.sub(r"^.*?(?=<svg)", "", exercise.picture, flags=re.DOTALL)
    given = f'<p class="given">Given: {_italic(exercise.given)}</p>' if exercise.given else ""
    blanks = "".join(f"<li><span>{_italic(question.blank)}</span></li>" for question in exercise.questions)
    return f"<li><figure>{picture}</figure><div>{given}<ul>{blanks}</ul></div></li>"


def _solution(question: Question) -> str:
    return f"<li>{_italic(question.solution)}</li>"


def _italic(text: str) -> str:
    """With its variables in italics, as in a textbook."""
    is_word = rf"(?:{'|'.join(WORDS.split())})\b"
    return re.sub(rf"\b(?!{is_word})[a-zA-Z]\w*", r"<i>\g<0></i>", escape(text))
