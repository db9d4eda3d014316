"""Simplify: the same function with less to do, and its sums of products recognised as what they are."""

from collections import Counter

from engine import ieee, ops
from engine.compiler.tape.tape import Leaf, Tape
from engine.op import Op

__all__ = ["simplify"]

_OF_ONE_ITSELF = {ops.TOTAL, ops.DOT}  # and not the largest of one, whose derivative at nan is nan


def simplify(tape: Tape) -> Tape:
    """Fold constants, share common subexpressions, flatten sums, recognise sums of products, drop what is unused.

    Values are those of the original to the rounding of reordered sums, and to the sign of a 0.
    """
    return _without_unused(_recognise_sums(_give_biases(_share(tape))))


def _share(tape: Tape) -> Tape:
    """Every operation on the same operands once, and none where all operands are constants."""
    shared = Tape()
    known: dict[tuple[Op | None, object], int] = {}
    renamed: list[int] = []

    def leaf(leaf: Leaf) -> int:
        # -0.0 == 0.0 and nan != nan, so numbers are told apart by how they are written
        key = (None, (leaf.kind, leaf.argument, repr(leaf.at)))
        if key not in known:
            known[key] = shared.add_leaf(leaf)
        return known[key]

    for i, op in enumerate(tape.ops):
        args = tuple([renamed[arg] for arg in tape.args[i]])
        constants = [shared.leaves[arg].at for arg in args if shared.is_leaf(arg, "constant")]
        if op is None:
            renamed.append(leaf(tape.leaves[i]))
        elif len(constants) == len(args):
            renamed.append(leaf(Leaf("constant", 0, op.value(ieee, *constants))))
        elif (same := _operand_it_equals(op, args, shared)) is not None:
            renamed.append(same)
        else:
            if (op, args) not in known:
                known[op, args] = shared.add(op, args)
            renamed.append(known[op, args])
    shared.outputs = [renamed[i] for i in tape.outputs]
    return shared


def _operand_it_equals(op: Op, args: tuple[int, ...], tape: Tape) -> int | None:
    """The operand that a result always equals: x for 1 * x, x * 1, x / 1, x**1, and the sum of x alone."""
    if op == ops.IDENTITY or (op in (ops.MUL, ops.DIV) and _is_one(args[1], tape)):
        return args[0]
    if dict(op.static).get("exponent") == 1:
        return args[0]
    if op in _OF_ONE_ITSELF and len(args) == 1:
        return args[0]
    return args[1] if op == ops.MUL and _is_one(args[0], tape) else None


def _give_biases(tape: Tape) -> Tape:
    """A dot plus a parameter, or with a parameter that is multiplied by 1, as a dot with a bias."""
    uses = _uses(tape)
    given = Tape()
    renamed: list[int] = []
    for i, op in enumerate(tape.ops):
        if op is None:
            renamed.append(given.add_leaf(tape.leaves[i]))
            continue
        args = tuple([renamed[arg] for arg in tape.args[i]])
        if op == ops.DOT and len(args) % 2 == 0:
            args = _with_bias(args, given)
        for dot, bias in (tape.args[i], tape.args[i][::-1]) if op == ops.ADD else ():
            products = given.args[renamed[dot]]
            is_bare = given.ops[renamed[dot]] == ops.DOT and len(products) % 2 == 0 and uses[dot] == 1
            if is_bare and tape.is_leaf(bias, "parameter"):
                op, args = ops.DOT, (*products, renamed[bias])
        renamed.append(given.add(op, args))
    given.outputs = [renamed[i] for i in tape.outputs]
    return given


def _with_bias(args: tuple[int, ...], tape: Tape) -> tuple[int, ...]:
    """The operands of a dot of several products, of which one may be a parameter times 1."""
    n = len(args) // 2
    for k in reversed(range(n if n > 1 else 0)):  # the last one, as a rule
        for one, bias in ((args[k], args[n + k]), (args[n + k], args[k])):
            if _is_one(one, tape) and tape.is_leaf(bias, "parameter"):
                return (*args[:k], *args[k + 1 : n], *args[n : n + k], *args[n + k + 1 :], bias)
    return args


def _is_one(i: int, tape: Tape) -> bool:
    return tape.is_leaf(i, "constant") and tape.leaves[i].at == 1.0


def _recognise_sums(tape: Tape) -> Tape:
    """Chains of additions as one sum, with at most one constant, and a sum of two products or more as a dot."""
    uses = _uses(tape)
    summed = Tape()
    renamed = {i: summed.add_leaf(leaf) for i, leaf in tape.leaves.items()}

    def is_sum(i: int) -> bool:
        return tape.ops[i] in (ops.ADD, ops.TOTAL)

    def add(numbers: list[int]) -> int:
        if len(numbers) == 1:
            return numbers[0]
        return summed.add(ops.ADD if len(numbers) == 2 else ops.TOTAL, tuple(numbers))

    absorbed = {arg for i in range(len(tape)) if is_sum(i) for arg in tape.args[i] if is_sum(arg) and uses[arg] == 1}
    # of each sum that is left, its flattened terms as entries of the old tape
    terms = {i: _flattened(i, tape, absorbed) for i in range(len(tape)) if is_sum(i) and i not in absorbed}
    products: set[int] = set()
    for i, mine in terms.items():
        terms[i] = [t for t in mine if not tape.is_leaf(t, "constant")]
        number = sum(tape.leaves[t].at for t in mine if tape.is_leaf(t, "constant"))
        if number != 0.0 or not terms[i]:
            terms[i].append(-1 - i)  # which is the index of no entry of the tape
            renamed[-1 - i] = summed.add_leaf(Leaf("constant", 0, number))
        found = [t for t in mine if tape.ops[t] == ops.MUL and uses[t] == 1]
        products.update(found if len(found) > 1 else [])

    for i, op in enumerate(tape.ops):
        if op is None or i in absorbed or i in products:
            continue
        if i in terms:
            pairs = [[renamed[arg] for arg in tape.args[t]] for t in terms[i] if t in products]
            others = [t for t in terms[i] if t not in products]
            if not pairs:
                renamed[i] = add([renamed[t] for t in others])
                continue
            # A parameter is the product's own bias; what else there is, as in a residual connection, is added to that.
            at = next((k for k, t in enumerate(others) if tape.is_leaf(t, "parameter")), None)
            bias, rest = (others, []) if at is None else ([others[at]], others[:at] + others[at + 1 :])
            operands = [a for a, _ in pairs] + [b for _, b in pairs]
            if bias:
                operands.append(add([renamed[t] for t in bias]))
            renamed[i] = add([summed.add(ops.DOT, tuple(operands)), *(renamed[t] for t in rest)])
        else:
            renamed[i] = summed.add(op, tuple([renamed[arg] for arg in tape.args[i]]))
    summed.outputs = [renamed[i] for i in tape.outputs]
    return summed


def _uses(tape: Tape) -> Counter[int]:
    """How often each entry is used."""
    uses = Counter(arg for args in tape.args for arg in args)
    uses.update(tape.outputs)
    return uses


def _flattened(i: int, tape: Tape, absorbed: set[int]) -> list[int]:
    """The terms of a sum and of the sums that it absorbs, in order."""
    found: list[int] = []
    waiting = [*reversed(tape.args[i])]
    while waiting:
        term = waiting.pop()
        if term in absorbed:
            waiting += reversed(tape.args[term])
        else:
            found.append(term)
    return found


def _without_unused(tape: Tape) -> Tape:
    used = set(tape.outputs)
    for i in range(len(tape) - 1, -1, -1):
        if i in used:
            used.update(tape.args[i])
    kept = Tape()
    renamed: dict[int, int] = {}
    for i in sorted(used):
        op = tape.ops[i]
        if op is None:
            renamed[i] = kept.add_leaf(tape.leaves[i])
        else:
            renamed[i] = kept.add(op, tuple([renamed[arg] for arg in tape.args[i]]))
    kept.outputs = [renamed[i] for i in tape.outputs]
    return kept
