"""Expressions: numbers that are a piece of program text, and lines of them, in which nothing is computed twice.

On them the rows of the op table write programs: for NumPy and JAX on arrays, for native code on single numbers.
"""

import builtins
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import count
from typing import Any, NamedTuple, NoReturn

from engine import ieee
from engine.algebra import called_in, row_of
from engine.number import Number, is_exactly, times, to_float
from engine.op import ATOM, POWERS, PRODUCT, SIGN, SUM, Op
from engine.ops import MUL

__all__ = [
    "Algebra",
    "Expression",
    "Line",
    "expression",
    "name",
    "namespace",
    "new_names",
    "text_of",
    "total",
    "written",
]


class Expression(Number):
    """A number that is a piece of program text. Arithmetic on it writes a longer one.

    Args:
        pattern: the text, with {} where a part goes.
        parts: expressions.
        binds: how tightly the text binds.
        needs: how tightly each part has to, so as to stand without parentheses; one for all of them.
        is_light: whether it costs nothing to write it again where it occurs again.

    Example:
        >>> a, b = name("a"), name("b")
        >>> text_of((a + 1) * b - (a - b))
        '(a + 1.0) * b - (a - b)'
    """

    __slots__ = ("binds", "is_light", "needs", "parts", "pattern")

    def __init__(
        self,
        pattern: str,
        parts: "tuple[Expression, ...]" = (),
        binds: int = ATOM,
        needs: int | tuple[int, ...] = ATOM,
        is_light: bool = False,
    ) -> None:
        self.pattern = pattern
        self.parts = parts
        self.binds = binds
        self.needs = needs if isinstance(needs, tuple) else (needs,) * len(parts)
        self.is_light = is_light

    def within(self) -> "set[Expression]":
        """The expression and all that it is made of."""
        found: set[Expression] = set()
        waiting = [self]
        while waiting:
            x = waiting.pop()
            if x not in found:
                found.add(x)
                waiting.extend(x.parts)
        return found

    def __float__(self) -> NoReturn:
        raise TypeError(
            "an operation that is compiled is a formula: take functions from m, m.erf(x) and not math.erf(x), and "
            "m.select in the place of an if; it has no numbers to look at"
        )


def name(text: str) -> Expression:
    """An expression that is only a name."""
    return Expression(text)


def expression(x: Any) -> Expression:
    """An expression as it is, and a plain number as one."""
    if isinstance(x, Expression):
        return x
    text = repr(to_float(x))
    return Expression(text, binds=SIGN if text.startswith("-") else ATOM)


def _apply(op: Op, *xs: Any) -> Any:
    if not op.binds:
        return op.value(Algebra(), *xs)
    if op is MUL and any(is_exactly(1.0, x) for x in xs):
        return times(*xs)
    binds, *needs = op.binds
    if len(needs) == 2:  # a - (b - c); and a + (b + c) is not to be added up in another order
        needs[1] = binds + 1
    return Expression(op.write(*["{}"] * len(xs)), tuple(map(expression, xs)), binds, tuple(needs))


Expression.apply = staticmethod(_apply)


def total(terms: Sequence[Expression]) -> Expression:
    """The sum of some, as one line: a + b - c."""
    if len(terms) == 1:
        return terms[0]
    negated = [bool(i) and term.pattern == "-{}" for i, term in enumerate(terms)]
    signs = [" - {}" if is_negated else " + {}" for is_negated in negated]
    parts = tuple([term.parts[0] if is_negated else term for term, is_negated in zip(terms, negated, strict=True)])
    return Expression("".join(signs).removeprefix(" + "), parts, SUM, (SUM, *[PRODUCT] * (len(parts) - 1)))


class Algebra:
    """The functions that rows call by name, as calls of functions of that name.

    A function that is a row of its own is written out (see `engine.algebra`); what is left, `namespace` finds.

    Args:
        fold: ("total", "largest" or "smallest", x) -> that of an x which stands for many numbers side by side; None if
            they are of several numbers.
    """

    def __init__(self, fold: Callable[[str, Expression], Expression] | None = None) -> None:
        self._fold = fold

    def __getattr__(self, called: str) -> Callable[..., Any]:
        op = row_of(called)
        if op is None:
            return lambda *xs: _call(called, *xs)
        return lambda *xs, **static: (op(**static) if static else op).value(self, *xs)

    def div(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Expression) and not isinstance(b, Expression):
            return ieee.div(a, b)
        return Expression("{} / {}", (expression(a), expression(b)), PRODUCT, (PRODUCT, SIGN))

    def power(self, x: Any, y: Any) -> Any:
        if isinstance(y, Expression):
            return _call("power", x, y)
        if y == 0:
            return 1.0
        if y == 1:
            return x
        if y == 2:
            return Expression("{}**2", (expression(x),), POWERS)
        return _call("power", x, y)

    def maximum(self, a: Any, b: Any) -> Expression:
        return _call("maximum", a, b)

    def minimum(self, a: Any, b: Any) -> Expression:
        return _call("minimum", a, b)

    def total(self, xs: Iterable[Any]) -> Any:
        return sum(xs) if self._fold is None else self._fold("total", *map(expression, xs))

    def largest(self, xs: Iterable[Any]) -> Any:
        return reduce(self.maximum, xs) if self._fold is None else self._fold("largest", *map(expression, xs))

    def smallest(self, xs: Iterable[Any]) -> Any:
        return reduce(self.minimum, xs) if self._fold is None else self._fold("smallest", *map(expression, xs))


def _call(called: str, *xs: Any) -> Expression:
    return Expression(f"{called}({', '.join(['{}'] * len(xs))})", tuple(map(expression, xs)), needs=0)


VIEWS = "{}[", "{}.T", "{}.reshape", "broadcast_to"  # how code for what may be another's array begins


class Line(NamedTuple):
    """A line of a program.

    Attributes:
        pattern: its text, with {} where the value goes.
        value: an expression.
        defines: a name that stands for the value from then on; "" if the line does something else.
        is_own: whether the value must be an array of its own, since it will be added to.
    """

    pattern: str
    value: Expression
    defines: str = ""
    is_own: bool = False


def written(
    lines: Sequence[Line], new_name: Callable[[], str], called: Mapping[str, Expression] | None = None
) -> list[str]:
    """Lines as text. What occurs in them more than once gets a name, before the first line that needs it.

    Args:
        lines: in order.
        new_name: gives a name that nothing has yet.
        called: expressions that get these names, even if they occur once.
    """
    return _Writer(new_name, called or {}).write_all(lines)


def new_names(stem: str, taken: Iterable[str] = ()) -> Callable[[], str]:
    """What gives new names: the stem with a number, none of those that are taken."""
    numbered = (f"{stem}{n}" for n in count(1))
    return filter(lambda name: name not in taken, numbered).__next__


def text_of(x: Expression) -> str:
    """An expression as text."""
    return "\n".join(written([Line("{}", x)], new_names("v")))


def namespace(text: str, algebra: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What the names in the text of a program stand for: those that are given, and functions of an algebra.

    Raises:
        AttributeError: the text calls a function that the algebra does not have.
    """
    names = dict(given)
    for name in called_in(text) - given.keys() - set(re.findall(r"\bdef (\w+)", text)):
        if hasattr(algebra, name) or not hasattr(builtins, name):
            names[name] = getattr(algebra, name)
    return names


class _Writer:
    def __init__(self, new_name: Callable[[], str], called: Mapping[str, Expression]) -> None:
        self.new_name = new_name
        self.known: dict[Any, Expression] = {}
        self.same: dict[Expression, Expression] = {}  # from an expression to the first that reads like it
        self.uses: dict[Expression, int] = {}
        self.names: dict[Expression, str] = {}
        self.text: list[str] = []
        self.called = {self.unified(x): name for name, x in called.items()}

    def write_all(self, lines: Sequence[Line]) -> list[str]:
        for line in lines:
            self.use(self.unified(line.value))
        for line in lines:
            value = self.same[line.value]
            is_new = bool(line.defines) and value not in self.names and bool(value.parts)
            text = self.composed(value) if is_new else self.write(value)
            if line.is_own and (text.isidentifier() or value.pattern.startswith(VIEWS)):
                text = f"copy({text})"
            self.text.append(line.pattern.format(text))
            if is_new:
                self.names[value] = line.defines
        return self.text

    def unified(self, x: Expression) -> Expression:
        """The first expression that reads like this one."""
        if x not in self.same:
            parts = [self.unified(part) for part in x.parts]
            self.same[x] = self.known.setdefault((x.pattern, *map(id, parts)), x)
        return self.same[x]

    def use(self, x: Expression) -> None:
        """Count one more use of an expression, and of what is computed for it."""
        self.uses[x] = self.uses.get(x, 0) + 1
        if self.uses[x] == 1 or x.is_light:
            for part in x.parts:
                self.use(self.same[part])

    def write(self, x: Expression) -> str:
        """An expression as text: its name, if it has or needs one."""
        if x not in self.names:
            text = self.composed(x)
            if x not in self.called and (self.uses[x] == 1 or x.is_light or not x.parts):
                return text
            self.names[x] = self.called.get(x) or self.new_name()
            self.text.append(f"{self.names[x]} = {text}")
        return self.names[x]

    def composed(self, x: Expression) -> str:
        parts = [self.same[part] for part in x.parts]
        texts = [self.write(part) for part in parts]
        stands = [part in self.names or part.binds >= need for part, need in zip(parts, x.needs, strict=True)]
        return x.pattern.format(*[text if ok else f"({text})" for text, ok in zip(texts, stands, strict=True)])
