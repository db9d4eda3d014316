"""A drill: one small graph, and the numbers that are asked of it one at a time."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import Any

from engine import Value, trace
from engine.arguments import is_real, shown
from engine.description import derivative
from engine.number import to_float
from viz.drills.board import as_factor, on_board, write_number
from viz.drills.judging import Verdict, judge
from viz.drills.levels import LEVELS

__all__ = ["Drill", "Question", "drills"]

LARGEST = 150  # of an answer: what can be done in the head
GIVEN = 4  # significant digits of what is given
DIGITS = 3  # the most significant ones of an answer
ROUNDING = 1e-9  # relative: tanh's and the sigmoid's
TRIES = 10_000
ORDINALS = ("first", "second", "third")
RECENT = 20  # drills of which none comes again


class Question:
    """One number that is asked.

    Attributes:
        drill (Drill): the graph that it is asked of.
        index (int): of the step of `drill.trace` in which it comes.
        event (dict): that step.
        asked (str): which number of it: "local", "contribution" or "after".
        answer (float): the number, as the engine has it.
        verdict (Verdict): what was said of the first answer; None as long as there was none.
        when_judged: is told whether the first answer was right.
    """

    def __init__(self, drill: "Drill", index: int, asked: str) -> None:
        self.drill = drill
        self.index = index
        self.event: dict[str, Any] = drill.trace["events"][index]
        self.asked = asked
        self.answer: float = self.event[asked] + 0.0  # no -0
        self.verdict: Verdict | None = None
        self.when_judged: Callable[[bool], object] = bool

    def __repr__(self) -> str:
        return f"Question({self.asks!r})"

    @property
    def setting(self) -> str:
        """The graph, in lines: what is given, and what was computed forward."""
        return self.drill.setting

    @property
    def known(self) -> str:
        """The gradients that the answer is made of; "" where it takes none."""
        event, operand, output = self.event, self._name("operand"), self.drill.output
        if self.asked == "local":
            return ""
        upstream = f"{derivative(output, self._name('node'))} = {write_number(event['upstream'])}"
        if event["expected"] == 1 or self.asked == "contribution":
            return upstream
        got = f"{operand} gets {write_number(event['contribution'])} from {self._source}"
        return f"{upstream}, {got}, and has {write_number(event['before'])} already"

    @property
    def asks(self) -> str:
        """What is asked."""
        output, node, operand = self.drill.output, self._name("node"), self._name("operand")
        if self.asked == "local":
            return f"What is {derivative(node, operand)}?"
        if self.asked == "contribution":
            return f"What does {operand} get from {self._source}?"
        return f"What is {derivative(output, operand)}?"

    @property
    def blank(self) -> str:
        """What is asked, in short, with the sign that stands before the answer: ``dL/da =``, or ``a from x:``."""
        output, node, operand = self.drill.output, self._name("node"), self._name("operand")
        if self.asked == "contribution":
            which = f" ({ORDINALS[self.event['position']]})" if self._is_repeated else ""
            return f"{operand} from {node}{which}:"
        return f"{derivative(node if self.asked == 'local' else output, operand)} ="

    @property
    def solution(self) -> str:
        """How the answer comes about: ``dL/da = dL/dz × dz/da = 2 × (−3) = −6``."""
        event, node, operand = self.event, self._name("node"), self._name("operand")
        if self.asked == "after" and event["expected"] > 1:
            steps = [f"{as_factor(event['before'])} + {as_factor(event['contribution'])}"]
        elif self.asked == "local" or node == self.drill.output:
            steps = [on_board(event["rule"])]
        else:
            chain = f"{derivative(self.drill.output, node)} × {derivative(node, operand)}"
            steps = [chain, f"{as_factor(event['upstream'])} × {as_factor(event['local'])}"]
        result = write_number(self.answer)
        told = " = ".join(steps if steps[-1] == result else [*steps, result])
        return f"{self.blank} {told}"

    @property
    def text(self) -> str:
        """The whole of it: setting, known and asks, in lines."""
        return "\n".join(filter(None, (self.setting, self.known, self.asks)))

    def judge(self, answer: str | float) -> Verdict:
        """Judge an answer. The first one counts.

        Args:
            answer: a number, or text as people type one: "-3", "0,5", "1/3", "2e-3".

        Returns:
            Verdict: whether it is right, the kind of mistake, and a sentence that says what to do.

        Raises:
            TypeError: it is neither.

        Example:
            >>> question = next(drills(level=1, seed=0)).questions[0]
            >>> question.judge(question.answer)
            Verdict(right=True, kind='right', sentence='Right.')
        """
        if isinstance(answer, bool) or not (isinstance(answer, str) or is_real(answer)):
            raise TypeError(f"an answer is a number, or the text of one such as '1/3', but was {shown(answer)}")
        text = answer if isinstance(answer, str) else repr(to_float(answer))
        verdict = judge(text, self.event, self.drill.trace, self.asked)
        if self.verdict is None and verdict.kind != "not a number":
            self.verdict = verdict
            self.when_judged(verdict.right)
        return verdict

    @property
    def _source(self) -> str:
        """What the operand gets this contribution from."""
        which = f" as its {ORDINALS[self.event['position']]} operand" if self._is_repeated else ""
        return f"{self._name('node')}{which}"

    @property
    def _is_repeated(self) -> bool:
        """Whether the operand stands in the node more than once."""
        operands: list[str] = self.drill.node(self.event["node"])["operands"]
        return operands.count(self.event["operand"]) > 1

    def _name(self, key: str) -> str:
        return self.drill.name(self.event[key])


class Drill:
    """A small graph with questions.

    Attributes:
        level (int): the level that it is of.
        value (Value): the graph's output.
        trace (dict): its `engine.trace`, without lines of code.
        output (str): what that is called.
        questions (list of Question): in the order of the backward pass.
        setting (str): the graph in lines: what is given, and what was computed forward.
    """

    def __init__(self, level: int, value: Value, wanted: str) -> None:
        self.level = level
        self.value = value
        account = trace(value)
        self.trace: dict[str, Any] = {
            "output": account["output"],
            **{key: [_rewritten(entry) for entry in account[key]] for key in ("nodes", "events")},
        }
        self._nodes = {node["id"]: node for node in self.trace["nodes"]}
        self._wanted = {*wanted.split()}
        self.output = self.name(account["output"])
        self.questions = list(self._ask(LEVELS[level - 1].asked))
        self.setting = "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"Drill({LEVELS[self.level - 1].title}: {self.setting!r})"

    def node(self, id: str) -> dict[str, Any]:
        """What the trace tells of a node."""
        return self._nodes[id]

    def name(self, id: str) -> str:
        """What a node is called."""
        name: str = self._nodes[id]["name"]
        return name

    def is_wanted(self, id: str) -> bool:
        """Whether the gradient of a node is asked."""
        return self.name(id) in self._wanted

    @property
    def given(self) -> str:
        """The gradients that are needed and not asked; "" for none."""
        needed = {q.event["node"]: q.event["upstream"] for q in self.questions if q.asked != "local"}
        names = {id: self.name(id) for id in needed}
        return ", ".join(
            f"{derivative(self.output, names[id])} = {write_number(x)}"
            for id, x in needed.items()
            if names[id] != self.output and not self.is_wanted(id)
        )

    def _ask(self, asked: str) -> Iterator[Question]:
        for index, event in enumerate(self.trace["events"]):
            if event["phase"] == "backward" and self.is_wanted(event["operand"]):
                if asked == "local":
                    yield Question(self, index, asked)
                    continue
                if event["expected"] > 1:
                    yield Question(self, index, "contribution")
                if event["received"] == event["expected"] or event["expected"] == 1:
                    yield Question(self, index, "after")

    def _lines(self) -> Iterator[str]:
        nodes = self.trace["nodes"]
        leaves = [x for x in nodes if x["kind"] in ("input", "parameter")]
        yield ", ".join(f"{x['name']} = {write_number(x['data'], GIVEN)}" for x in leaves)
        for x in nodes:
            if x["kind"] == "operation":
                yield f"{x['name']} = {on_board(x['formula'])} = {write_number(x['data'], GIVEN)}"


def _rewritten(entry: dict[str, Any]) -> dict[str, Any]:
    """What a trace tells, without lines of code, and with a `dot` written out."""
    if "source" in entry:
        entry["source"] = None
    if entry.get("operation") == "dot" and "formula" in entry:
        terms = entry["formula"].removeprefix("dot(").removesuffix(")").split(", ")
        n = len(terms) // 2
        products = [f"{w} * {x}" for w, x in zip(terms[:n], terms[n : 2 * n], strict=True)]
        entry["formula"] = " + ".join([*products, *terms[2 * n :]])
    return entry


def drills(level: int, seed: int) -> Iterator[Drill]:
    """All drills of a level, without end: of the same seed always the same.

    Args:
        level: from 1.
        seed: any whole number.

    Example:
        >>> print(next(drills(level=4, seed=1)).setting)
        a = −4, b = −3, c = 4
        x = a × b = 12
        y = x + c = 16
        L = y × a = −64
    """
    recent: deque[str] = deque(maxlen=RECENT)
    for number in count():
        drill = _drill(level, seed, number)
        if drill.setting not in recent:
            recent.append(drill.setting)
            yield drill


def _drill(level: int, seed: int, number: int) -> Drill:
    name = f"{level} {seed} {number}"
    random = Random(name)
    for _ in range(TRIES):
        drill = Drill(level, *LEVELS[level - 1].draw(Random(name), random))
        if _is_good(drill):
            return drill
    raise AssertionError(f"level {level} has no drill for seed {seed}")


def _is_good(drill: Drill) -> bool:
    """Whether its numbers can be done in the head, and whether right answers tell that the rule is known."""
    questions = drill.questions
    data = [node["data"] for node in drill.trace["nodes"] if node["kind"] == "operation"]
    if any(abs(x) > LARGEST or str(x) == "-0.0" for x in data) or not all(_is_easy(q.answer) for q in questions):
        return False
    if any(_is_at_a_corner(event) for event in drill.trace["events"] if event["phase"] == "forward"):
        return False
    is_told = [all(q.event[guess] != q.answer for guess in _guesses(q)) for q in questions]
    is_zero = [q.answer == 0 for q in questions]
    return 3 * sum(is_told) >= len(questions) >= 2 * sum(is_zero)


def _is_at_a_corner(event: dict[str, Any]) -> bool:
    """Whether its slope is a matter of convention."""
    x, *others = event["values"]
    return x in others if event["operation"] == "maximum" else x == 0 and event["operation"] in ("relu", "absolute")


def _guesses(question: Question) -> tuple[str, ...]:
    """What somebody who does not know the rule would answer."""
    if question.asked == "local":
        return ()
    is_sum = question.asked == "after" and question.event["expected"] > 1
    return ("before", "contribution") if is_sum else ("local",)


def _is_easy(x: float) -> bool:
    return abs(x) <= LARGEST and abs(float(f"{x:.{DIGITS}g}") - x) <= ROUNDING * abs(x)
