"""BatchNorm is PyTorch's, to the last digits, and trains deep networks."""

import re

import numpy as np
import pytest
from thorough import BACKENDS

from engine import Value, batched, check_gradients, compile, tanh, total
from nn import MLP, SGD, BatchNorm, Layer, Module, Normal, Parameter, fit, mean_squared_error, spirals

X = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5], [1.0, -2.0], [0.25, 3.0]]
WEIGHTS = [[1.0, 2.0], [-1.0, 0.5], [3.0, -2.0]]

# torch 2.13, float64: BatchNorm1d(2, momentum=0.3, eps=1e-3) with weight [1.5, -0.5] and bias [0.25, 2], of X[:3] and
# then of X[3:]; the derivatives are those of the sum of WEIGHTS * output**2.
OUTPUTS = [
    [0.1388565626395044, 2.612078708393408],
    [2.139438435128424, 2.0],
    [-1.5282949977679285, 1.3879212916065924],
]
BY_INPUTS = [
    [6.405723289016992, -0.07693139533633071],
    [-2.909337611368867, 0.14634878095325515],
    [-3.4963856776481252, -0.06941738561692465],
]
BY_WEIGHT, BY_BIAS = [5.460677125785193, -19.586518668589047], [-13.17093373158541, 6.896629667147262]
RUNNING = [0.175, 0.075, 1.26875, 1.16875]
RUNNING_AFTERWARDS = [0.31, 0.2025, 0.9725, 4.568125]
IN_USE = [[0.5388529997593132, 2.2812798162335532], [2.819271418911786, 1.9888891548681136]]


def as_in_torch():
    norm = BatchNorm(2, momentum=0.3, epsilon=1e-3)
    for parameter, number in zip(norm.parameters(), [1.5, -0.5, 0.25, 2.0], strict=True):
        parameter.data = number
    return norm


def weighted(x, w):
    return sum(w_i * x_i**2 for w_i, x_i in zip(w, x, strict=True))


def test_it_computes_what_torch_does():
    norm = as_in_torch()
    rows = [[Value(x) for x in row] for row in X[:3]]
    outputs = norm.batch(rows)
    np.testing.assert_allclose([[y.data for y in row] for row in outputs], OUTPUTS, rtol=1e-13)
    total([weighted(*pair) for pair in zip(outputs, WEIGHTS, strict=True)]).backward()
    np.testing.assert_allclose([[x.grad for x in row] for row in rows], BY_INPUTS, rtol=1e-11)
    np.testing.assert_allclose([p.grad for p in norm.parameters()], [*BY_WEIGHT, *BY_BIAS], rtol=1e-12)
    assert [buffer.data for buffer in norm.buffers()] == pytest.approx(RUNNING, rel=1e-14)
    norm.batch(X[3:])
    assert [buffer.data for buffer in norm.buffers()] == pytest.approx(RUNNING_AFTERWARDS, rel=1e-14)
    norm.eval()
    np.testing.assert_allclose([[y.data for y in norm(row)] for row in X[:2]], IN_USE, rtol=1e-13)
    np.testing.assert_allclose([[y.data for y in row] for row in norm.batch(X[:2])], IN_USE, rtol=1e-13)
    assert [buffer.data for buffer in norm.buffers()] == pytest.approx(RUNNING_AFTERWARDS, rel=1e-14)
    assert list(norm.state_dict()) == [
        f"{name}.{i}" for name in ("gamma", "beta", "running_mean", "running_var") for i in range(2)
    ]


def test_compiled_it_computes_what_torch_does():
    norm = as_in_torch()
    program = compile(lambda x, w: weighted(norm(x), w), inputs=(2, 2), parameters=norm.parameters())
    theta = [p.data for p in norm.parameters()]
    value, gradient = program.value_and_grad(theta, X[:3], WEIGHTS)
    assert value == pytest.approx((np.array(WEIGHTS) * np.square(OUTPUTS)).sum() / 3, rel=1e-13)
    np.testing.assert_allclose(gradient, np.array([*BY_WEIGHT, *BY_BIAS]) / 3, rtol=1e-12)
    assert [buffer.data for buffer in norm.buffers()] == [0.0, 0.0, 1.0, 1.0]
    norm.eval()
    norm.running_mean[0].data = 0.5
    kept = [*norm.parameters(), *norm.buffers()]
    used = compile(lambda x: norm(x), inputs=2, parameters=kept).value([p.data for p in kept], X)
    np.testing.assert_allclose(used, [[y.data for y in norm(row)] for row in X], rtol=1e-13)


def test_its_gradients_are_those_of_finite_differences():
    def loss(numbers):
        norm = as_in_torch()
        norm.gamma = [Parameter(1.5), numbers[6]]
        rows = batched(norm)([numbers[2 * i : 2 * i + 2] for i in range(3)])
        return total([weighted([tanh(y) for y in row], w) for row, w in zip(rows, WEIGHTS, strict=True)])

    check_gradients(loss, [x for row in X[:3] for x in row] + [Parameter(-0.5)])


@pytest.mark.parametrize(
    "run",
    [
        lambda norm: norm([1.0, 2.0]),
        lambda norm: norm.batch([[1.0, 2.0]]),
        lambda norm: fit(norm, X, X, loss="mean_squared_error", batch_size=2, epochs=1, progress=False),
        lambda norm: fit(norm, X, X, loss="mean_squared_error", batch_size=1, backend="numpy", progress=False),
    ],
)
def test_a_batch_of_one_is_refused(run):
    norm = BatchNorm(2)
    with pytest.raises(
        ValueError, match=r"BatchNorm\(2\) in training mode needs a batch of two .* another batch_size; or"
    ):
        run(norm)
    assert [buffer.data for buffer in norm.buffers()] == [0.0, 0.0, 1.0, 1.0]


class Shallow(Module):
    """A part that is used twice in a step, as one may be, with another between."""

    def __init__(self):
        self.first, self.norm, self.last = Layer(2, 3, "tanh", seed=1), BatchNorm(3), Layer(3, 1, "linear", seed=2)

    def __call__(self, x):
        return self.last(self.norm([tanh(z) for z in self.norm(self.first(x))]))[0]


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_fit_does_what_a_loop_of_ones_own_does(backend):
    rng = np.random.default_rng(1)
    rows, targets = rng.normal(size=(9, 2)), rng.normal(size=9)
    fitted, looped = Shallow().eval(), Shallow()
    fit(fitted, rows, targets, loss="mean_squared_error", epochs=4, learning_rate=0.1, backend=backend, progress=False)
    optimizer = SGD(looped.parameters(), learning_rate=0.1)
    for _ in range(4):
        losses = [mean_squared_error(*pair) for pair in zip(looped.batch(rows), targets, strict=True)]
        optimizer.zero_grad()
        (total(losses) / 9).backward()
        optimizer.step()
    assert list(fitted.state_dict().values()) == pytest.approx(list(looped.state_dict().values()), rel=1e-10)
    assert not any(module.training for module in fitted.modules())  # as fit found it
    assert fitted.norm.running_var[0].data != 1.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_fifty_steps_are_the_eager_ones(backend):
    """Adam divides gradients by their size: it would make steps of the rounding that a bias before it has for one."""
    rows, labels = spirals(12, seed=1)
    trained = []
    for name in ("eager", backend):
        model = MLP(2, [4, 1], "tanh", normalization="batch", seed=1)
        history = fit(model, rows, labels, loss="hinge", epochs=25, batch_size=6, optimizer="adam", l2=1e-3,
                      clip_norm=0.5, learning_rate=0.05, backend=name, progress=False)  # fmt: skip
        trained.append([*history["loss"], *model.state_dict().values()])
    np.testing.assert_allclose(trained[1], trained[0], rtol=1e-9, atol=1e-12)


def test_a_net_has_no_bias_before_it():
    model = MLP(2, [3, 3, 1], normalization="batch", seed=1)
    assert [layer.neurons[0].b is None for layer in model.layers] == [True, True, False]
    assert repr(model.layers[0]) == "Layer(2, 3, 'relu', bias=False)"
    assert model.layers[0].biases == [0.0] * 3  # the vector b of W @ x + b
    assert [layer.weights for layer in model.layers] == [layer.weights for layer in MLP(2, [3, 3, 1], seed=1).layers]
    assert None not in [neuron.b for neuron in MLP(2, [3, 1], normalization="layer").layers[0].neurons]


class Deep(Module):
    """Twenty layers of tanh, with or without normalization."""

    def __init__(self, is_normalized):
        self.layers = [Layer(8 if i else 2, 8, "linear", Normal(0.1), seed=i) for i in range(20)]
        self.norms = [BatchNorm(8) for _ in self.layers] if is_normalized else None
        self.last = Layer(8, 1, "linear", seed=20)

    def __call__(self, x):
        for i, layer in enumerate(self.layers):
            z = layer(x)
            x = [tanh(z_i) for z_i in (self.norms[i](z) if self.norms else z)]
        return self.last(x)[0]


def test_twenty_layers_learn_with_it_and_not_without():
    rows, labels = spirals(60, turns=0.5, seed=1)
    found = []
    for is_normalized in (True, False):
        history = fit(Deep(is_normalized), rows, labels, loss="hinge", epochs=60, optimizer="adam",
                      learning_rate=0.01, backend="numpy", progress=False)  # fmt: skip
        found.append(history["accuracy"][-1])
    assert found[0] > 0.9
    assert found[1] < 0.6


def test_what_is_printed_of_it_is_true():
    """Carried out on a batch, with a column for each example, the equations give the loss and its gradient."""
    first, norm, last = Layer(2, 3, "linear", seed=1), with_other_numbers(3), Layer(3, 1, "linear", seed=2)
    parts = [first, norm, last]
    parameters = [p for part in parts for p in part.parameters()]

    def loss(x, y):
        return mean_squared_error(last([tanh(z) for z in norm(first(x))])[0], y)

    program = compile(loss, inputs=(2, ()), parameters=parameters)
    text = str(program)
    assert re.search(r"(\w+) = z1 - batch_mean\(z1\)", text)
    assert re.search(r"sqrt\(batch_mean\(\w+\*\*2\) \+ 1e-05\)", text)
    theta, y = np.array([p.data for p in parameters]), np.arange(5.0)
    value, gradient = program.value_and_grad(theta, X, y)
    board = {"np": np, "theta": theta[:, None], "x": np.array(X).T, "y": y[None], "tanh": np.tanh, "sqrt": np.sqrt}
    board |= {"batch_mean": lambda x: x.mean(axis=1, keepdims=True), "prime_tanh": lambda x: 1 - np.tanh(x) ** 2}
    by_theta, places = np.zeros(len(theta)), np.arange(len(theta))
    where = {}
    for equation in program.equations():
        left, right = str(equation.left), str(equation.right)
        found = eval(re.sub(r"(\w+)'\(", r"prime_\1(", right), board)
        target = re.match(r"dtheta(\[.*\])?$", left)
        if equation.phase == "parameters":
            where[f"d{left}"] = eval(right, {"theta": places})
        if equation.phase == "backward" and (target or left in where):
            rows = eval(f"places{target[1] or ''}", {"places": places}) if target else where[left]
            summed = found if np.shape(found) == np.shape(rows) else found.sum(axis=1)
            np.add.at(by_theta, rows, summed)
        else:
            board[left] = found
    assert board["loss"].mean() == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(by_theta / len(X), gradient, rtol=1e-11, atol=1e-15)


def with_other_numbers(n):
    norm = BatchNorm(n)
    for i, parameter in enumerate(norm.parameters()):
        parameter.data = 0.5 + 0.25 * i
    return norm
