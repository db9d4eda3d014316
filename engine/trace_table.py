"""The step-by-step account as a table: in text, and in HTML for notebooks."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice, zip_longest
from textwrap import wrap
from typing import Any, NamedTuple

from engine.description import derivative, on_one_line

__all__ = ["Outline", "Overview", "as_html", "as_line", "as_text", "without_constants"]

WIDTH = 100  # characters: what a notebook and a terminal have room for
MOST_ROWS = 200  # of the leaves, the steps forward and those backward each; the trace itself has all
SHORT = 12  # rows: a longer table opens folded
MANY_OPERANDS = 8
LONG = 200  # characters of a cell
MOST_LINES = 5  # that a step of the text takes up

NO_LEAVES = ("operation", "constant")

Account = dict[str, Any]
Row = Sequence[str]


class Outline(NamedTuple):
    """What a table needs to know of every node."""

    kind: str
    uses: int
    name: str


Overview = dict[str, Outline]  # by the ids of the nodes, in their order


def without_constants(events: Iterable[dict[str, Any]], overview: Overview) -> Iterator[dict[str, Any]]:
    """The events without those that lead back to constants, which nobody wants to change."""
    return (event for event in events if "operand" not in event or overview[event["operand"]].kind != "constant")


def as_line(account: Account, overview: Overview) -> str:
    """What an account is, in a line."""
    name = on_one_line(account["nodes"][-1]["name"])
    forward, backward = _n_steps(overview)
    return f"Trace of {name}: {forward:,} steps forward, {backward:,} backward (print it for the table)"


def as_text(account: Account, overview: Overview) -> str:
    """Forward on the left and backward on the right; or, where that is too wide for a page, one after the other."""
    events = account["events"]
    n_forward, n_backward = _n_steps(overview)
    leaves = (f"{node['name']} = {_number(node['data'])}" for node in _leaves(account, overview))
    steps = (events[i]["sentence"] for i in range(n_forward))
    back = without_constants((events[i] for i in range(n_forward, len(events))), overview)
    forward = ["forward", *_first(leaves, _n_leaves(overview), "leaves", "nodes")]
    forward += _first(steps, n_forward, "steps forward", "events")
    backward = ["backward", *_first((event["sentence"] for event in back), n_backward + 1, "steps back", "events")]
    forward, backward = [*map(on_one_line, forward)], [*map(on_one_line, backward)]
    width = max(map(len, forward))
    if width + 3 + max(map(len, backward)) <= WIDTH:
        rows = zip_longest(forward, backward, fillvalue="")
        return "\n".join(f"{left:{width}}   {right}".rstrip() for left, right in rows)
    return "\n".join(line for text in (*forward, "", *backward) for line in _folded(text))


def _first(lines: Iterable[str], n: int, what: str, where: str) -> list[str]:
    """The first of so many lines, and how many more there are, and where."""
    rest = [f'… and {n - MOST_ROWS:,} more {what}, in its "{where}"'] if n > MOST_ROWS else []
    return [*islice(lines, MOST_ROWS), *rest]


def as_html(account: Account, overview: Overview) -> str:
    """Three tables that fold, in a box that scrolls: the leaves, the steps forward and those backward."""
    places = {id: i for i, id in enumerate(overview)}
    output = account["nodes"][-1]
    n_forward, n_backward = _n_steps(overview)
    events = account["events"]
    forward = (events[i] for i in range(n_forward))
    backward = without_constants((events[i] for i in range(n_forward + 1, len(events))), overview)

    def leaf(node: dict[str, Any]) -> Row:
        return node["name"], node["kind"], _number(node["data"]), _number(node["gradient"])

    def step_forward(event: dict[str, Any]) -> Row:
        node = account["nodes"][places[event["node"]]]
        given = {overview[id]: x for id, x in zip(event["operands"], event["values"], strict=True)}
        numbers = [f"{operand.name} = {_number(x)}" for operand, x in given.items() if operand.kind != "constant"]
        return node["name"], node["formula"], ", ".join(_few(numbers)), _number(event["result"])

    def step_backward(event: dict[str, Any]) -> Row:
        rule, local = event["rule"], _number(event["local"])
        total = _number(event["after"]) if event["expected"] > 1 else ""
        waiting = event["expected"] - event["received"]
        return (
            overview[event["operand"]].name,
            overview[event["node"]].name,
            _number(event["upstream"]),
            local if rule == local else f"{rule} = {local}",
            _number(event["contribution"]),
            f"{total} (waits for {waiting:,} more)" if total and waiting else total,
        )

    n_leaves = _n_leaves(overview)
    tables = [
        _table("Leaves", ("name", "kind", "data", "gradient"), map(leaf, _leaves(account, overview)), n_leaves),
        _table("Forward", ("node", "computed as", "with", "result"), map(step_forward, forward), n_forward),
        _table(
            f"Backward, from {derivative(output['name'], output['name'])} = 1",
            ("gradient of", "through", "upstream", "× local derivative", "= contribution", "sum so far"),
            map(step_backward, backward),
            n_backward,
        ),
    ]
    heading = f"<strong>Trace of {_cell(output['name'])} = {_number(output['data'])}</strong>"
    no_latex = "tex2jax_ignore mathjax_ignore"  # or Jupyter would look for formulas between dollar signs
    return f'<div class="{no_latex}" style="max-height: 32em; overflow: auto">{heading}{"".join(tables)}</div>'


def _table(title: str, headings: Row, rows: Iterable[Row], n_rows: int) -> str:
    head = "".join(f'<th scope="col" style="text-align: left">{_cell(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align: left">{_cell(cell)}</td>' for cell in row) + "</tr>"
        for row in islice(rows, MOST_ROWS)
    )
    more = f"<p>… and {n_rows - MOST_ROWS:,} more</p>" if n_rows > MOST_ROWS else ""
    opened = " open" if n_rows <= SHORT else ""
    return (
        f"<details{opened}><summary>{_cell(title)} ({n_rows:,})</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</details>"
    )


def _n_steps(overview: Overview) -> tuple[int, int]:
    """How many steps there are forward, and how many back to what is no constant."""
    n_forward = sum(node.kind == "operation" for node in overview.values())
    return n_forward, sum(node.uses for node in overview.values() if node.kind != "constant")


def _n_leaves(overview: Overview) -> int:
    return sum(node.kind not in NO_LEAVES for node in overview.values())


def _leaves(account: Account, overview: Overview) -> Iterator[dict[str, Any]]:
    return (account["nodes"][i] for i, node in enumerate(overview.values()) if node.kind not in NO_LEAVES)


def _few(texts: list[str]) -> list[str]:
    return texts if len(texts) <= MANY_OPERANDS else [*texts[:3], "…", texts[-1]]


def _folded(text: str) -> list[str]:
    """A long line as several, of which all but the first are indented."""
    if len(text) <= WIDTH:
        return [text]
    lines = wrap(text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    if len(lines) > MOST_LINES:  # the formula of hundreds of operands, of which the result comes last
        lines[MOST_LINES - 2 : -1] = ["    …"]
    return lines


def _cell(text: str) -> str:
    return escape(on_one_line(text if len(text) <= LONG else f"{text[: LONG - 1]}…"))


def _number(x: float) -> str:
    return f"{x:.6g}"
