"""Notation: how parts of vectors and products of them are written: in text as NumPy does, in LaTeX as on the board."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isclose, isfinite
from typing import Any

from engine.compiler.nests.nest import Index
from engine.formula import Formula
from engine.op import ATOM, PRODUCT, SUM, Op
from engine.ops import DIV, MUL, NEG, WEIGHTED

__all__ = [
    "LONGEST",
    "Product",
    "added",
    "along",
    "column",
    "columns",
    "in_front",
    "listed",
    "matmul",
    "named",
    "part",
    "product",
    "stacked",
    "summed",
    "transposed",
]

SHOWN = 2  # at either end of a long list
LONGEST = 40  # characters of what stands where it is used; anything longer gets a name
GREEK = " alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
LARGEST_BELOW = 10_000  # of a fraction
MATMUL = SUM  # so that (W.T @ d) * s keeps its parentheses


def named(name: str) -> Formula:
    """A name: one letter, or a Greek one spelt out, with a number as its index; longer names in one piece.

    Example:
        >>> print(named("z1").latex, named("x_2").latex, named("beta").latex, named("scale").latex)
        z_{1} x_{2} \\beta \\mathit{scale}
    """
    letters = name.rstrip("0123456789")
    number = name[len(letters) :]
    stem = letters.rstrip("_") if number else letters
    if not stem.strip("_"):
        stem, number = name, ""
    latex = stem
    if not (len(stem) == 1 and stem.isalpha()):
        latex = f"\\{stem}" if f" {stem} " in GREEK else rf"\mathit{{{stem}}}".replace("_", r"\_")
    return Formula(name, f"{latex}_{{{number}}}" if number else latex)


def part(whole: Formula, index: Index, *, is_list: bool = False) -> Formula:
    """The rows of a vector that an index picks: a vector or a matrix; a number, where it is one row again and again.

    Args:
        whole: the vector.
        index: which rows.
        is_list: whether it is a vector even then.

    Example:
        >>> x = Formula("x")
        >>> str(part(x, Index((2, 3, 4), None, 9))), str(part(x, Index((5, 5), None, 9)))
        ('x[2:5]', 'x[5]')
        >>> str(part(x, Index((0, 1, 3, 4), 2, 6))), str(part(x, Index((0, 1, 1, 2), 2, 6)))
        ('x.reshape(2, 3)[:, 0:2]', 'windows(x[0:3], 2)')
    """
    rows = index.rows
    if index.width is not None:
        if index.block is None:
            windows = _windows(whole, index)
            return _at(whole, f"[{listed(rows, index.width)}]") if windows is None else windows
        start, stride, height = index.block
        x = _between(whole, start, start + height * stride, index.total)
        text = f"{_atom(x)[0]}.reshape({height}, {stride})"
        matrix = Formula(text, rf"\operatorname{{reshape}}_{{{height} \times {stride}}}({x.latex})")
        return matrix if stride == index.width else _at(matrix, f"[:, 0:{index.width}]")
    if index.covers:
        return whole
    if index.form == "one" and not is_list:
        return whole if index.total == 1 else _at(whole, f"[{rows[0]}]")
    if index.slice is not None:
        step = f":{index.slice.step}" if index.slice.step != 1 else ""
        return _at(whole, f"[{index.slice.start}:{index.slice.stop}{step}]")
    return _at(whole, f"[{listed(rows)}]")


def _windows(whole: Formula, index: Index) -> Formula | None:
    """The matrix whose rows are stretches of a vector that overlap; None if it is none."""
    width, start = index.width or 1, index.rows[0]
    height = len(index.rows) // width
    step = index.rows[width] - start if height > 1 else 0
    if step < 1 or any(row != start + i // width * step + i % width for i, row in enumerate(index.rows)):
        return None
    x = _between(whole, start, start + (height - 1) * step + width, index.total)
    every = f"[::{step}]" if step > 1 else ""
    return Formula(f"windows({x.text}, {width}){every}", rf"\operatorname{{windows}}_{{{width}}}({x.latex}){every}")


def _between(whole: Formula, start: int, stop: int, total: int) -> Formula:
    return whole if (start, stop) == (0, total) else _at(whole, f"[{start}:{stop}]")


def listed(items: Sequence[Any], width: int | None = None) -> str:
    """A list, or a list of rows of that width; only the beginning and the end of a long one.

    Example:
        >>> listed([1.5, 2.0]), listed(range(9)), listed(range(4), 2)
        ('[1.5, 2]', '[0, 1, ..., 7, 8]', '[[0, 1], [2, 3]]')
    """
    each = SHOWN
    if width is not None:
        items = [listed(items[start : start + width]) for start in range(0, len(items), width)]
        each = SHOWN // 2
    if len(items) > 2 * each:
        items = [*items[:each], "...", *items[-each:]]
    return f"[{', '.join(item if isinstance(item, str) else Formula.of(item).text for item in items)}]"


def matmul(a: Formula, b: Formula) -> Formula:
    """A matrix times a vector, or the outer product of a vector and a transposed one."""
    (a_text, a_latex), (b_text, b_latex) = _atom(a), _atom(b)
    return Formula(f"{a_text} @ {b_text}", f"{a_latex} {b_latex}", MATMUL)


def transposed(x: Formula) -> Formula:
    """A matrix with rows for columns, or a vector as a row."""
    if x.precedence == ATOM and x.text.endswith(".T"):
        return Formula(x.text.removesuffix(".T"), x.latex.removesuffix(r"^\top"))
    text, latex = _atom(x)
    return Formula(f"{text}.T", rf"{latex}^\top")


class Product(Formula):
    """A plain number times something, by something; multiplying and dividing it keeps these apart.

    Args:
        number: the number, with its sign.
        rest: what is multiplied by it; None for nothing.
        divisor: what both are divided by; None for nothing.

    Example:
        >>> d, x = Product(1.0, Formula("d")), Product(1.0, Formula("x"))
        >>> str(d * (2 * x)), str(0.5 * (2 * x)), str(-d * x), str(d * (0.5 / x))
        ('2 * d * x', 'x', '-d * x', '0.5 * d / x')
        >>> str(2 / 3 * d), str(1 / 3 * d / x)  # what six digits cannot say is a fraction, where it is one
        ('2 * d / 3', 'd / (3 * x)')
    """

    __slots__ = ("divisor", "number", "rest")

    def __init__(self, number: float, rest: Formula | None, divisor: Formula | None = None) -> None:
        factor, below = _fraction(number)
        by = divisor if below == 1 else Formula.of(below) if divisor is None else below * divisor
        written = Formula.of(factor) if rest is None else rest
        if rest is not None and abs(factor) != 1 and below != 1:
            written = factor * written
        if by is not None:
            written = written / by
        if rest is not None and factor == -1 and written.precedence == PRODUCT:
            written = Formula(f"-{written.text}", f"-{written.latex}", PRODUCT)
        elif rest is not None and factor == -1:
            written = -written
        elif rest is not None and factor != 1 and below == 1:
            written = factor * written
        super().__init__(written.text, written.latex, written.precedence)
        self.number, self.rest, self.divisor = number, rest, divisor

    @staticmethod
    def of_parts(x: Any) -> "Product":
        """A plain number, or a formula, as a product."""
        if isinstance(x, Formula):
            return x if isinstance(x, Product) else Product(1.0, x)
        return Product(float(x), None)


def _fraction(number: float) -> tuple[float, float]:
    """What a number is by what, if that says more than six digits do; else itself by 1."""
    if not isfinite(number) or float(f"{number:.6g}") == number:
        return number, 1.0
    found = Fraction(number).limit_denominator(LARGEST_BELOW)
    is_it = isclose(found.numerator, number * found.denominator, rel_tol=1e-15)
    return (float(found.numerator), float(found.denominator)) if is_it else (number, 1.0)


def _apply(op: Op, *xs: Any) -> Any:
    if op == NEG:
        return product(-1.0, *xs)
    if op in (MUL, WEIGHTED):
        return product(*xs)
    if op == DIV and isinstance(xs[1], Formula):
        a = Product.of_parts(xs[0])
        return Product(a.number, a.rest, _times(a.divisor, _plain(xs[1])))
    written = Formula.apply(op, *map(_plain, xs))
    return written if written is NotImplemented else Product(1.0, written)


Product.apply = staticmethod(_apply)


def product(a: Any, b: Any) -> Any:
    """a * b, number by number, with all plain factors first, as one."""
    a, b = Product.of_parts(a), Product.of_parts(b)
    is_square = a.divisor is not None and b.divisor is not None and a.divisor.text == b.divisor.text
    divisor = a.divisor**2 if is_square else _times(a.divisor, b.divisor)
    found = Product(a.number * b.number, _times(a.rest, b.rest), divisor)
    return found.number if found.rest is None and found.divisor is None else found


def in_front(function: Callable[[Any], Any], x: Any) -> Any:
    """A function that is linear, with plain factors in front of it: -2 * sum(x), not sum(-2 * x)."""
    x = Product.of_parts(x)
    if x.rest is None:
        return function(x)
    return product(x.number, function(Product(1.0, x.rest, x.divisor)))


def _times(a: Formula | None, b: Formula | None) -> Formula | None:
    return a if b is None else b if a is None else a * b


def _plain(x: Any) -> Any:
    """A formula that is multiplied as it is."""
    return Formula(x.text, x.latex, x.precedence) if isinstance(x, Product) else x


def summed(x: Any, *, axis: int | None = None) -> Formula:
    """The sum of a vector, of each row of a matrix (axis 1), or of each column (axis 0)."""
    x = Formula.of(x)
    total = Formula(f"sum({x.text})", rf"\operatorname{{sum}}({x.latex})")
    return total if axis is None else along(total, axis)


def along(reduced: Formula, axis: int) -> Formula:
    """What is written like a reduction of all numbers, as one of each row, or of each column."""
    return Formula(f"{reduced.text[:-1]}, axis={axis})", reduced.latex.replace("(", f"_{{{'ij'[axis]}}}(", 1))


def column(x: Any) -> Formula:
    """A number for each row of a matrix."""
    text, latex = _atom(Formula.of(x))
    return Formula(f"{text}[:, None]", rf"{latex}_{{i\,\cdot}}" if "_" not in latex else rf"\left({latex}\right)_{{i}}")


def stacked(parts: Sequence[Formula], *, are_matrices: bool = False) -> Formula:
    """Vectors one below the other, as one, or matrices side by side."""
    if len(parts) == 1:
        return parts[0]
    text, latex = (", ", r",\; ") if are_matrices else ("; ", r";\; ")
    return Formula(f"[{text.join(x.text for x in parts)}]", f"[{latex.join(x.latex for x in parts)}]")


def columns(x: Formula, start: int, width: int | None, total: int) -> Formula:
    """So many columns of a matrix that has more, side by side; or a single one as a vector, if the width is None."""
    if width is None:
        return _at(x, f"[:, {start}]")
    return x if width == total else _at(x, f"[:, {start}:{start + width}]")


def _at(x: Formula, where: str) -> Formula:
    text, latex = _atom(x)
    return Formula(f"{text}{where}", latex + where.replace("...", r"\dots"))


def _atom(x: Formula) -> tuple[str, str]:
    """Text and LaTeX, in parentheses unless they need none anywhere."""
    return (x.text, x.latex) if x.precedence == ATOM else (f"({x.text})", rf"\left({x.latex}\right)")


def added(terms: Sequence[Any]) -> Any:
    """The sum of some terms, those that are subtracted last."""
    terms = [term for term in terms if str(Formula.of(term)) != "0"] or terms[:1]
    if len(terms) == 1:
        return terms[0]
    total, *rest = sorted(map(Formula.of, terms), key=lambda term: term.text.startswith("-"))  # p - y, not -y + p
    for term in rest:
        if term.precedence >= PRODUCT and term.text[0] == term.latex[0] == "-":  # a - b, not a + (-b)
            total = Formula(f"{total.text} - {term.text[1:]}", f"{total.latex} - {term.latex[1:]}", precedence=SUM)
        else:
            total = total + term
    return total
