"""Drop-in for micrograd: its own example, tests and demo, and programs of the kinds written for it, beside it."""

import builtins
import copy
import functools
import gc
import math
import pickle
import random
import re

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest
from thorough import thorough

import engine
import nn
import viz
from viz import draw_dot, draw_graph

EXAMPLE = """
a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
"""

SANITY = """
a = Value(-4.0)
z = 2 * a + 2 + a
q = z.relu() + z * a
h = (z * z).relu()
g = h + q + q * a
"""

# The training loop of micrograd's demo notebook.
DEMO = """
model = make_model()

def loss(batch_size=None):
    if batch_size is None:
        Xb, yb = X, y
    else:
        ri = np.random.permutation(X.shape[0])[:batch_size]
        Xb, yb = X[ri], y[ri]
    inputs = [list(map(Value, xrow)) for xrow in Xb]
    scores = list(map(model, inputs))
    losses = [(1 + -yi*scorei).relu() for yi, scorei in zip(yb, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum((p*p for p in model.parameters()))
    total_loss = data_loss + reg_loss
    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
    return total_loss, sum(accuracy) / len(accuracy)

history = []
for k in range(steps):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9*k/100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    history.append((total_loss.data, acc))
"""


def run(source, module, **names):
    space = {"Value": module.Value, "np": np, **names}
    exec(source, space)
    return space


def test_the_readme_example():
    space = run(EXAMPLE, engine)
    space["g"].backward()
    assert f"{space['g'].data:.4f}" == "24.7041"
    assert f"{space['a'].grad:.4f}" == "138.8338"
    assert f"{space['b'].grad:.4f}" == "645.5773"


@pytest.mark.parametrize("source", [EXAMPLE, SANITY])
def test_the_same_numbers_as_micrograd(source):
    mine, theirs = run(source, engine), run(source, micrograd.engine)
    mine["g"].backward()
    theirs["g"].backward()
    for name in ("a", "b", "z", "q", "h", "f"):
        if name in theirs:
            assert mine[name].data == pytest.approx(theirs[name].data, rel=1e-14)
            assert mine[name].grad == pytest.approx(theirs[name].grad, rel=1e-14)


@pytest.mark.parametrize("steps", [5, pytest.param(20, marks=thorough)])
def test_the_demo_follows_micrograds_losses(steps):
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    data = {"X": X, "y": y * 2 - 1, "steps": steps}

    random.seed(1337)
    gc.disable()  # micrograd's graphs are cycles: looking through them takes ten times as long as the arithmetic
    try:
        theirs = run(DEMO, micrograd.engine, make_model=lambda: micrograd.nn.MLP(2, [16, 16, 1]), **data)
    finally:
        gc.enable()
    random.seed(1337)
    mine = run(DEMO, engine, make_model=lambda: nn.MLP(2, [16, 16, 1], init="uniform"), **data)

    for (my_loss, my_accuracy), (loss, accuracy) in zip(mine["history"], theirs["history"], strict=True):
        assert my_loss == pytest.approx(loss, rel=1e-9)
        assert my_accuracy == accuracy
    first, last = mine["history"][0][0], mine["history"][-1][0]
    assert last < (0.5 if steps == 20 else first)  # and it learns


def test_the_interface_that_micrograds_users_know():
    model = nn.MLP(2, [3, 1])
    assert len(model.parameters()) == 13
    assert len(model.layers[0].neurons[0].w) == 2
    assert model.layers[0].neurons[0].b.data == 0
    model([1.0, -2.0]).backward()
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())


# --- Programs of the kinds that people write for micrograd, run beside it where it can run them ---


class Theirs:
    """micrograd's modules as one, as far as programs import them."""

    Value, Neuron, Layer, MLP = micrograd.engine.Value, micrograd.nn.Neuron, micrograd.nn.Layer, micrograd.nn.MLP


class Mine:
    """Ours under the same names."""

    Value = engine.Value
    Neuron, Layer, MLP = (functools.partial(part, init="uniform") for part in (nn.Neuron, nn.Layer, nn.MLP))


def both(source, *results, **names):
    """The results of a program, ours and micrograd's, which must be the same to rounding."""
    found = []
    for module in (Mine, Theirs):
        random.seed(1337)
        space = {"random": random, "math": math, "np": np, **vars(module), **names}
        exec(source, space)
        found.append([space[name] for name in results])
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(np.array(mine, dtype=float), np.array(theirs, dtype=float), rtol=1e-11, atol=1e-13)
    return found[0]


BY_HAND = """
def atan(x):
    out = Value(math.atan(x.data), (x,), 'atan')
    def _backward():
        x.grad += out.grad / (1 + x.data**2)
    out._backward = _backward
    return out

def product(xs):
    out = Value(math.prod(x.data for x in xs), _children=tuple(xs), _op='prod')
    def _backward():
        for x in xs:
            x.grad += out.grad * out.data / x.data
    out._backward = _backward
    return out

def softmax_loss(logits, label):
    exps = [math.exp(z.data) for z in logits]
    out = Value(math.log(sum(exps)) - logits[label].data, tuple(logits), 'nll')
    def _backward():
        for i, z in enumerate(logits):
            z.grad += out.grad * (exps[i] / sum(exps) - (i == label))
    out._backward = _backward
    return out

def mean(xs):
    res = Value(sum(x.data for x in xs) / len(xs))
    res._prev = set(xs)
    res._op = 'mean'
    def _backward():
        for x in xs:
            x.grad += res.grad / len(xs)
    res._backward = _backward
    return res

a, b, c = Value(0.5), Value(-1.25), Value(2.0)
hidden = [atan(a * b + c), product([a, c, a + b]), (b * 3).relu() + c]
out = mean([softmax_loss(hidden, 1), atan(hidden[0]), hidden[2] ** 2])
out.backward()
results = [out.data] + [v.grad for v in (a, b, c, *hidden)]
"""


def test_nodes_made_by_hand():
    both(BY_HAND, "results")


def test_nodes_made_by_hand_are_shown_as_what_they_are_called():
    space = {}
    exec(BY_HAND, {"math": math, "Value": engine.Value}, space)
    out, hidden = space["out"], space["hidden"]
    assert (out._op, hidden[0]._op, set(out._prev) > {hidden[2]}) == ("mean", "atan", False)
    account = engine.trace(out)
    operations = {node["operation"]: node for node in account["nodes"] if "operation" in node}
    assert {"atan", "prod", "nll", "mean", "mul", "relu"} <= operations.keys()
    assert operations["atan"]["formula"].startswith("atan(")
    gradients = {node["id"]: node["gradient"] for node in account["nodes"]}
    for i, node in enumerate(engine.topological_order(out), 1):
        assert gradients[f"v{i}"] == pytest.approx(node.grad, rel=1e-12)
    assert "nll" in draw_graph(out, derivatives=True).source
    assert "\\operatorname{prod}" in account.latex()


def test_signs_of_any_kind_can_be_drawn():
    x = engine.Value(2.0)
    for sign in ("+", "**2", "x_1 %", "\\{#1}$", "ReLU", "1/x", "", "<b>"):
        for operands in ((x,), (x, x)):
            out = engine.Value(1.0, operands, sign)
            assert (out._op, out._prev) == (sign, operands)
            draw_graph(out, derivatives=True).pipe("svg")
            engine.trace(out).latex()
    assert engine.trace(engine.Value(4.0, (x,), "**2"))["nodes"][1]["formula"] == "v1**2"
    assert engine.trace(engine.Value(4.0, (x, x), "+"))["nodes"][1]["formula"] == "v1 + v1"


def atan_by_hand(x):
    out = engine.Value(math.atan(x.data), (x,), "atan")

    def _backward():
        x.grad += out.grad / (1 + x.data**2)

    out._backward = _backward
    return out


@pytest.mark.parametrize(
    "ask",
    [
        engine.grad(atan_by_hand),
        engine.value_and_grad(lambda x: atan_by_hand(x) * 2),
        engine.grad(engine.grad(atan_by_hand)),
        engine.jacobian(lambda x: [atan_by_hand(x)]),
        engine.hessian(atan_by_hand),
        lambda x: engine.vjp(atan_by_hand, x)[1](1.0),
        lambda x: engine.gradients(atan_by_hand(v := engine.Value(x)), [v]),
        lambda x: engine.jvp(lambda d: engine.Value(0.5, (d,), "atan"), [x], [1.0]),
        lambda x: engine.compile(lambda s: s * engine.Value(x, (engine.Value(x),), "atan"), inputs=()),
        lambda x: engine.compile(lambda s: atan_by_hand(s), inputs=()),
    ],
)
def test_what_needs_a_formula_says_to_define_an_operation(ask):
    with pytest.raises(TypeError, match=r"engine\.operation"):
        ask(2.0)


def test_a_copy_of_what_was_made_by_hand_would_go_back_to_the_original():
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="made by hand"):
            copied(atan_by_hand(engine.Value(1.0)))
    for copied in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="made by hand"):
            copied(atan_by_hand(engine.Value(1.0)) * 2)
    out = engine.Value(2.0, (engine.Value(1.0, "x"),), "twice")  # which has no function
    for same in (copy.deepcopy(out), pickle.loads(pickle.dumps(out))):
        assert (same._op, same._prev[0].label, same.op.name) == ("twice", "x", "twice")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda x: engine.Value(1.0, x), "write (x,)"),
        (lambda x: engine.Value(1.0, (x, 2.0)), "one is 2.0"),
        (lambda x: engine.Value(1.0, (x,), ["atan"]), "['atan']"),
        (lambda x: engine.Value(1.0, 3), "a tuple of Values, but were 3"),
        (lambda x: setattr(engine.Value(1.0), "_prev", [None]), "one is None"),
        (lambda x: setattr(engine.Value(1.0), "_backward", 3), "a function without arguments, but was 3"),
        (lambda x: setattr(x * 2, "_backward", lambda: None), "one of its own"),
        (lambda x: setattr(x * 2, "_prev", ()), "one of its own"),
    ],
)
def test_what_no_node_can_be_made_of(make, says):
    with pytest.raises(TypeError, match=re.escape(says)):
        make(engine.Value(2.0))


def test_a_node_made_by_hand_obeys_the_modes():
    x = engine.Value(2.0)
    with engine.no_grad():
        assert atan_by_hand(x)._prev == ()
    with engine.detect_anomaly(), pytest.raises(FloatingPointError, match=r"(?s)log\(2\) is nan.*in test_a_node_made"):
        engine.Value(math.nan, (x,), "log")
    out = engine.Value(0.1, (x,), "steep")
    out._backward = lambda: setattr(x, "grad", x.grad + out.grad * 1e308)
    x.grad = 5.0
    with engine.detect_anomaly(), pytest.raises(FloatingPointError, match=r"through steep\(2\), gradient 1e\+10 times"):
        (out * 1e10).backward()
    assert x.grad == 5.0
    y = atan_by_hand(x) * 3
    y.backward()
    y.backward()
    assert (x.grad, y._prev[0].grad) == (pytest.approx(5 + 2 * 3 / 5), 3.0)


def test_a_node_made_by_hand_that_fails_changes_nothing():
    x = engine.Value(2.0)
    y = engine.Value(1.0, (x,), "fails") * x
    x.grad = 7.0

    def fail():
        x.grad += 5
        raise KeyError("mine")

    y._prev[0]._backward = fail
    with pytest.raises(KeyError, match="mine"):
        y.backward()
    assert (x.grad, y.grad) == (7.0, 0.0)


SUBCLASS = """
class Tracked(Value):
    made = 0

    def __init__(self, data, _children=(), _op='', label=''):
        super().__init__(data, _children, _op)
        self.label = label
        self.age = 0
        Tracked.made += 1

    def cube(self):
        out = Tracked(self.data**3, (self,), 'cube')
        def backward():
            self.grad += 3 * self.data**2 * out.grad
        out._backward = backward
        return out

x, y = Tracked(2.0, label='x'), Tracked(-0.5)
z = x.cube() * y + x.cube()
z.backward()
results = [z.data, x.grad, y.grad, Tracked.made, x.age]
"""


def test_a_subclass():
    both(SUBCLASS, "results")


STEP_BY_STEP = """
x1, x2, w1, w2, b = Value(2.0), Value(0.0), Value(-3.0), Value(1.0), Value(6.8813735870195432)
x1w1, x2w2 = x1 * w1, x2 * w2
both = x1w1 + x2w2
n = both + b
e = n * 2
o = (e + 1) ** -1
o.grad = 1.0
o._backward()
for child in o._prev:
    child._backward()
for node in (e, n, b, both, x2w2, x1w1, x1):
    node._backward()
results = [v.grad for v in (o, e, n, both, b, x1w1, x2w2, x1, w1, x2, w2)]
"""


def test_back_propagation_step_by_step():
    both(STEP_BY_STEP, "results")


TOPOLOGICAL = """
def order_of(root):
    topo, visited = [], set()
    def build(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build(child)
            topo.append(v)
    build(root)
    return topo

a, b = Value(1.5), Value(-2.0)
f = (a * b + a).relu() + (b - a) ** 2 / 3
f.grad = 1
for node in reversed(order_of(f)):
    node._backward()
results = [f.data, a.grad, b.grad]
"""


def test_backward_written_by_hand():
    both(TOPOLOGICAL, "results")


def test_a_step_back_is_that_of_backward_for_every_row():
    for op in engine.functions.ops.TABLE.values():
        if op.static or "static" in str(op) or op.name in ("power", "leaky_relu", "elu"):
            continue
        xs = [engine.Value(0.3), engine.Value(0.7), engine.Value(0.2)][: op.arity or 3]
        y = engine.functions.apply(op, *xs)
        y.backward()
        whole = [x.grad for x in xs]
        for x in xs:
            x.grad = None
        y.grad = 1.0
        y._backward()
        assert [x.grad for x in xs] == whole, op.name
        assert xs[0]._backward() is None


OPTIMIZERS = """
model = MLP(2, [5, 1])
X, labels = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0]], [1.0, -1.0, -1.0]

def loss():
    scores = [model(list(map(Value, row))) for row in X]
    penalty = 1e-3 * sum(p * p for p in model.parameters())
    return sum((1 + -y * s).relu() for y, s in zip(labels, scores)) * (1.0 / 3) + penalty

losses = []
for p in model.parameters():
    p.m = p.v = p.velocity = 0.0
for t in range(1, 9):
    total = loss()
    model.zero_grad()
    total.backward()
    for p in model.parameters():
        if t % 2:  # momentum
            p.velocity = 0.9 * p.velocity - 0.02 * p.grad
            p.data += p.velocity
        else:  # AdamW
            p.m = 0.9 * p.m + 0.1 * p.grad
            p.v = 0.999 * p.v + 0.001 * p.grad**2
            p.data -= 0.01 * (p.m / (1 - 0.9**t) / (math.sqrt(p.v / (1 - 0.999**t)) + 1e-8) + 0.01 * p.data)
    losses.append(total.data)
"""


def test_momentum_and_adamw_by_hand():
    assert len(set(*both(OPTIMIZERS, "losses"))) == 8


LAYERS = """
layers = [Layer(3, 4, nonlin=True), Layer(4, 4), Layer(4, 1, nonlin=False)]
lone = Neuron(2, nonlin=False)

def forward(x):
    for layer in layers:
        x = layer(x)
        x = x if isinstance(x, list) else [x]
    return x[0]

y = forward([Value(1.0), Value(-2.0), Value(0.5)]) + lone([Value(1.0), Value(-2.0)])
y.backward()
kinds = [neuron.nonlin for layer in layers for neuron in layer.neurons] + [lone.nonlin]
gradients = [y.data] + [p.grad for layer in layers for p in layer.parameters()] + [p.grad for p in lone.parameters()]
"""


def test_layers_and_neurons_put_together():
    both(LAYERS, "kinds", "gradients")


def test_random_seed_governs_what_has_no_seed_of_its_own():
    def weights(**options):
        return [p.data for p in nn.MLP(3, [4, 2], **options).parameters()]

    random.seed(7)
    first = weights()
    assert first != weights()
    random.seed(7)
    assert weights() == first
    random.seed(7)
    assert weights(seed=1) == weights(seed=1)
    assert weights() == first  # what has a seed takes nothing from the others


ATTENTION = """
def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]

def softmax(logits):
    peak = max(v.data for v in logits)
    exps = [(v - peak).exp() for v in logits]
    total = sum(exps)
    return [e / total for e in exps]

def rmsnorm(x):
    scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]

def matrix(rows, columns):
    return [[Value(random.gauss(0, 0.5)) for _ in range(columns)] for _ in range(rows)]

n = 4
embedding, wq, wk, wv, wo, head = matrix(5, n), matrix(n, n), matrix(n, n), matrix(n, n), matrix(n, n), matrix(5, n)
parameters = [p for m in (embedding, wq, wk, wv, wo, head) for row in m for p in row]

def loss_of(tokens):
    keys, values, losses = [], [], []
    for token, target in zip(tokens, tokens[1:]):
        x = rmsnorm(embedding[token])
        q = linear(x, wq)
        keys.append(linear(x, wk))
        values.append(linear(x, wv))
        weights = softmax([sum(a * b for a, b in zip(q, k)) / n**0.5 for k in keys])
        attended = [sum(w * v[j] for w, v in zip(weights, values)) for j in range(n)]
        x = [a + b for a, b in zip(x, linear(attended, wo))]
        losses.append(-softmax(linear(rmsnorm(x), head))[target].log())
    return (1 / len(losses)) * sum(losses)

history = []
for step in range(3):
    for p in parameters:
        p.grad = 0
    loss = loss_of([0, 3, 1, 4, 2])
    loss.backward()
    for p in parameters:
        p.data -= 0.5 * p.grad
    history.append(loss.data)
"""


def test_a_small_gpt_of_scalars():
    class WithLogarithms(micrograd.engine.Value):  # which micrograd lacks
        def exp(self):
            out = micrograd.engine.Value(math.exp(self.data), (self,), "exp")
            out._backward = lambda: setattr(self, "grad", self.grad + out.data * out.grad)
            return out

        def log(self):
            out = micrograd.engine.Value(math.log(self.data), (self,), "log")
            out._backward = lambda: setattr(self, "grad", self.grad + out.grad / self.data)
            return out

    random.seed(3)
    mine = run(ATTENTION, engine, random=random)["history"]
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        for name in ("exp", "log"):
            patch.setattr(micrograd.engine.Value, name, vars(WithLogarithms)[name], raising=False)
        random.seed(3)
        theirs = run(ATTENTION, micrograd.engine, random=random)["history"]
    assert mine == pytest.approx(theirs, rel=1e-12)
    assert mine[2] < mine[0]


def walk(root):
    """The nodes and edges that the drawing code of the lecture finds."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_plotting_helpers_that_walk_the_graph():
    a, b = engine.Value(2.0, label="a"), engine.Value(-3.0, label="b")
    c = a * b
    c.label = "c"
    d = (c + a).relu() + atan_by_hand(b)
    d.backward()
    nodes, edges = walk(d)
    assert (len(nodes), len(edges)) == (7, 8)
    dot = ["{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad) for n in nodes]  # noqa: UP031
    assert "{ c | data -6.0000 | grad 0.0000 }" in dot
    assert sorted(n._op for n in nodes if n._op) == ["*", "+", "+", "atan", "relu"]
    for n in nodes:
        if not n._prev:
            n._vis_color = "lightblue"
    assert [n._vis_color for n in (a, b)] == ["lightblue"] * 2


def test_draw_dot_takes_micrograds_arguments():
    y = engine.Value(2.0, label="x") * 3
    assert "rankdir=TB" in draw_dot(y, format="png", rankdir="TB").source.replace(" ", "").replace('"', "")
    assert draw_dot(y, "pdf").format == "pdf"
    assert draw_dot(y).source == draw_graph(y).source
    with pytest.raises(ValueError, match="gif"):
        draw_dot(y, format="gif")
    with pytest.raises(ValueError, match="sideways"):
        draw_dot(y, rankdir="sideways")


def test_methods_under_the_names_that_other_engines_have():
    x = engine.Value(-3.0)
    y = x.pow(2) + x.abs() * 2 + x.clamp(min=-1.0) + x.clamp(-5.0, 5.0) + engine.Value(4.0).sqrt()
    y.backward()
    assert (y.item(), x.grad, x.detach().item()) == (9.0 + 6.0 - 1.0 - 3.0 + 2.0, -6.0 - 2.0 + 0.0 + 1.0, -3.0)
    with pytest.raises(TypeError, match=r"x\.data"):
        engine.grad(lambda x: x.item() * x)(2.0)


def test_options_that_other_engines_have_for_backward():
    x = engine.Value(3.0)
    y = x**3
    for options in ({"retain_graph": True}, {"keep_graph": False}, {}):
        y.backward(**options)
    assert x.grad == 81.0


MINITORCH = """
def derivative_check(f, *xs):
    values = [Value(x) for x in xs]
    out = f(*values)
    out.backward()
    for i, v in enumerate(values):
        up, down = [list(xs) for _ in range(2)]
        up[i] += 1e-6
        down[i] -= 1e-6
        central = (f(*map(Value, up)).data - f(*map(Value, down)).data) / 2e-6
        assert abs(v.grad - central) < 1e-6 * max(1, abs(central)), (v.grad, central)

def is_constant(v): return not v._prev
def parents(v): return list(v._prev)

derivative_check(lambda x, y: x * y + x / y - -x, 1.5, -0.7)
derivative_check(lambda x: (x * x + 1) ** 0.5, 0.3)
derivative_check(lambda x, y, z: (x + y * z).relu() + (x - z) ** 3, 0.5, 2.0, 0.25)
x = Value(2.0)
assert is_constant(x) and not is_constant(x + 1)
assert any(p is x for p in parents(x * 3))
x.grad = None if hasattr(x.grad, "is_integer") else 0
x.grad = 0 if x.grad is None else x.grad
(x * x).backward()
results = [x.grad]
"""


def test_programs_like_minitorchs():
    both(MINITORCH, "results")


ARRAYS = """
W = np.array([[Value(0.5), Value(-1.0)], [Value(2.0), Value(0.25)]])
x = np.array([Value(1.0), Value(-2.0)])
h = W @ x + 0.5
loss = ((h * h).sum() + W.sum() - x.sum() * 0.5) / 2
loss.backward()
results = [loss.data] + [v.grad for v in W.ravel()] + [v.grad for v in x]
picked = [v.data for v in h[np.array([v.data > 0 for v in h])]]
"""


def test_numpy_arrays_of_values():
    both(ARRAYS, "results", "picked")


def test_nothing_that_is_imported_by_a_star_hides_pythons_own():
    for module in (engine, nn, viz):
        assert not set(module.__all__) & set(dir(builtins)), module
    space = {}
    exec("from engine import *\nfrom nn import *\nfrom viz import *\ncompile('1 + 1', '', 'eval')", space)
    assert space["Value"] is engine.Value
    assert callable(engine.compile)
