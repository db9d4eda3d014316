"""Parts: each is its formula, in every mode, compiled too; and they follow each other, and add up to deep nets."""

import functools
import json
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from models import MODELS
from thorough import BACKENDS

import engine
from engine import Value, compile, jvp, numerical_gradient, total, vjp
from nn import (
    MLP,
    Activation,
    BatchNorm,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Module,
    Neuron,
    Parameter,
    PReLU,
    Residual,
    Sequential,
    Softmax,
    Uniform,
    fit,
    two_moons,
)


def squared(z):
    return z * z


def in_use(part):
    """It, with running statistics as after some training."""
    for i, buffer in enumerate(part.buffers()):
        buffer.data += 0.4 * math.sin(i + 2) ** 2
    return part.eval()


X = [0.5, -1.25, 2.0]
PARTS = {
    "Neuron": lambda: Neuron(3, "tanh", seed=1),
    "Neuron, no bias": lambda: Neuron(3, "tanh", seed=1, bias=False),
    "Layer": lambda: Layer(3, 2, "gelu", seed=1),
    "Layer, no bias": lambda: Layer(3, 2, "gelu", seed=1, bias=False),
    "Layer, softmax": lambda: Layer(3, 4, "softmax", seed=1),
    "Layer, a function": lambda: Layer(3, 2, squared, seed=1),
    "MLP": lambda: MLP(3, [4, 4, 2], "tanh", seed=1),
    "MLP, normalized": lambda: MLP(3, [4, 4, 2], "tanh", "sigmoid", seed=1, normalization="layer"),
    "MLP, residual": lambda: MLP(3, [3, 4, 4, 2], "tanh", "softmax", seed=1, residual=True),
    "MLP, in use": lambda: in_use(MLP(3, [3, 4, 2], seed=1, normalization="batch", residual=True, dropout=0.5)),
    "BatchNorm, in use": lambda: in_use(BatchNorm(3)),
    "Dropout, in use": lambda: in_use(Dropout(0.5)),
    "MLP, both": lambda: MLP(3, [4, 4, 1], "swish", seed=1, normalization="layer", residual=True),
    "Activation": lambda: Activation("softplus"),
    "Activation, a function": lambda: Activation(squared),
    "PReLU": lambda: PReLU(3, slope=0.1),
    "Softmax": lambda: Softmax(),
    "LayerNorm": lambda: LayerNorm(3, epsilon=0.01),
    "Residual": lambda: Residual(Layer(3, 3, "tanh", seed=1)),
    "Residual, projected": lambda: Residual(Layer(3, 4, "tanh", seed=1), LayerNorm(4), seed=2),
    "Sequential": lambda: Sequential(Layer(3, 2, "linear", seed=1), PReLU(2), MLP(2, [3, 1], seed=2), Layer(1, 2)),
    "Embedding": lambda: Embedding(4, 2, seed=1),
}


def part_and_inputs(name):
    """A part, its parameters somewhere, and inputs that suit it."""
    part = PARTS[name]()
    for i, parameter in enumerate(part.parameters()):
        parameter.data += 0.3 * math.sin(i + 1)
    return part, [3.0, 0.0, 3.0] if isinstance(part, Embedding) else X


def listed(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def weighed(part, x):
    """One number made of all outputs."""
    return total((i + 1.5) * y for i, y in enumerate(listed(part(x))))


@pytest.mark.parametrize("name", PARTS)
def test_gradients_are_those_of_finite_differences(name):
    part, x = part_and_inputs(name)

    def of_numbers(numbers):
        for parameter, number in zip(part.parameters(), numbers, strict=False):
            parameter.data = number
        inputs = x if isinstance(part, Embedding) else numbers[len(part.parameters()) :]
        return float(weighed(part, inputs).data)

    inputs = [Value(number) for number in x]
    weighed(part, inputs).backward()
    nodes = part.parameters() if isinstance(part, Embedding) else [*part.parameters(), *inputs]
    expected = numerical_gradient(of_numbers)([node.data for node in nodes])
    assert [node.grad for node in nodes] == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", PARTS)
def test_forward_mode_and_batches_agree(name):
    part, x = part_and_inputs(name)
    outputs, along = jvp(lambda x: listed(part(x)), (x,), ([1.0, -2.0, 0.5],))
    outputs, along = [[float(number) for number in numbers] for numbers in (outputs, along)]
    assert outputs == pytest.approx([y.data for y in listed(part(x))], rel=1e-14)
    _, back = vjp(lambda x: listed(part(x)), x)
    rows = [back([float(i == k) for k in range(len(outputs))])[0] for i in range(len(outputs))]
    assert along == pytest.approx([float(row[0] - 2 * row[1] + 0.5 * row[2]) for row in rows], rel=1e-12, abs=1e-14)
    both = engine.batched(part)([x, x[::-1]])
    assert [float(y) for y in listed(both[0])] == pytest.approx(outputs, rel=1e-14)


@pytest.mark.parametrize("name", PARTS)
def test_parts_compile(name):
    part, x = part_and_inputs(name)
    kept = [*part.parameters(), *part.buffers()]
    program = compile(lambda x: weighed(part, x), inputs=3, parameters=kept)
    X = [x, x[::-1], [x[1], x[1], x[0]]]
    numbers = [number.data for number in kept]
    arguments = (numbers, X) if numbers else (X,)
    losses = [weighed(part, row) for row in X]
    expected = [loss.data for loss in losses]
    expected = np.mean(expected) if numbers else expected
    np.testing.assert_allclose(program.value(*arguments), expected, rtol=1e-12)
    if numbers:
        (total(losses) / 3).backward()
        _, gradient = program.value_and_grad(*arguments)
        np.testing.assert_allclose(gradient, [number.grad for number in kept], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in PARTS if "function" not in name])
def test_settings_and_repr_make_a_part_of_the_same_shape(name):
    part, x = part_and_inputs(name)
    inner = PARTS[name]().parts if isinstance(part, Sequential) else []
    settings = json.loads(json.dumps(part.settings()))
    for same in (type(part)(*inner, **settings), part if "MLP(" in repr(part) else eval(repr(part))):
        if isinstance(part, LayerNorm):
            same.epsilon = part.epsilon
        same.train(part.training).load_state_dict(part.state_dict())
        assert [y.data for y in listed(same(x))] == [y.data for y in listed(part(x))]
        assert repr(same) == repr(part)
    again = pickle.loads(pickle.dumps(part))
    assert [p.label for p in again.parameters()] == [p.label for p in part.parameters()]


@pytest.mark.parametrize("name", PARTS)
def test_the_widths_that_are_said_are_those_that_come_out(name):
    part, x = part_and_inputs(name)
    assert part.n_inputs in (3, None)
    assert part.n_outputs_for(3) == len(listed(part(x)))


# --- PyTorch ---

IN_TORCH = json.loads((Path(__file__).parent / "parts_in_torch.json").read_text())
SAME = {
    "LayerNorm": lambda: LayerNorm(4),
    "LayerNorm, epsilon": lambda: LayerNorm(3, epsilon=0.5),
    "PReLU": lambda: PReLU(4),
    "Softmax": lambda: Softmax(),
    "Embedding": lambda: Embedding(5, 2),
    "Residual": lambda: Residual(Layer(3, 3, "tanh")),
    "Sequential": lambda: Sequential(Layer(3, 2, "linear"), LayerNorm(2), Activation("gelu"), Layer(2, 2, "linear")),
}


def as_in_torch(part):
    """The parameters in PyTorch's order: of a layer all weights, and then all biases."""
    return sorted(part.parameters(), key=lambda p: (part_of(p, part), p.label[0] == "b" and p.label[:2] != "be"))


def part_of(parameter, model):
    """Which of the parts it is in."""
    return next(i for i, inner in enumerate(getattr(model, "parts", [model])) if parameter in {*inner.parameters()})


@pytest.mark.parametrize("name", IN_TORCH)
def test_outputs_and_gradients_are_those_of_pytorch(name):
    part, theirs = SAME[name](), IN_TORCH[name]
    parameters = as_in_torch(part)
    for parameter, number in zip(parameters, theirs["parameters"], strict=True):
        parameter.data = number
    inputs = [Value(x) for x in theirs["inputs"]]
    outputs = part(inputs)
    total((i + 1) * y for i, y in enumerate(outputs)).backward()
    assert [y.data for y in outputs] == pytest.approx(theirs["outputs"], rel=1e-12, abs=1e-14)
    assert [p.grad for p in parameters] == pytest.approx(theirs["gradients"], rel=1e-11, abs=1e-13)
    if theirs["input_gradients"]:
        assert [x.grad for x in inputs] == pytest.approx(theirs["input_gradients"], rel=1e-11, abs=1e-13)


# --- Names ---


def test_parts_are_counted_in_their_order_through_all_rows():
    model = Sequential(
        Embedding(2, 1),
        Layer(2, 2),
        LayerNorm(2),
        Residual(Sequential(Layer(2, 2), LayerNorm(2)), PReLU(2)),
        Residual(Layer(2, 3)),
        MLP(3, [3, 1], normalization="layer"),
    )
    names = dict.fromkeys(p.label.partition("[")[0] for p in model.parameters())
    assert [*names] == ["E1", "W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "slope1", "W3", "b3",
                        "W4", "b4", "W5", "b5", "W6", "b6", "gamma3", "beta3"]  # fmt: skip
    assert model.parameters()[2].label == "W1[0,0]"
    assert len({p.label for p in model.parameters()}) == len(model.parameters())
    titles = [part.place.title for part in model.parts]
    assert titles == ["embedding 1", "layer 1", "normalization 1", "residual 1", "residual 2", "MLP 1"]
    assert [part.place.title for part in model.parts[3].parts] == ["Sequential 1", "PReLU 1"]


class Scaled(Module):
    def __init__(self):
        self.scale = Parameter(2.0)


@pytest.mark.parametrize("name", MODELS)
def test_every_part_of_a_row_has_a_title_that_says_what_it_is(name):
    model = MODELS[name]()[0]
    titles = [part.place.title for part in Sequential(model, Scaled(), Scaled()).modules()[1:]]
    assert titles[-2:] == ["Scaled 1", "Scaled 2"]
    assert all(re.fullmatch(r"\w+ \d+", title) for title in titles if "projection" not in title)


def test_parameters_of_a_module_of_ones_own_go_by_their_path():
    assert [p.label for p in Sequential(Layer(1, 1), Scaled()).parameters()] == ["W1[0,0]", "b1[0]", "parts[1].scale"]


def test_rows_in_a_module_of_ones_own_are_called_by_their_path():
    class Two(Module):
        def __init__(self):
            self.body, self.head = Sequential(Layer(1, 1), LayerNorm(1)), Layer(1, 1)

    assert [p.label for p in Two().parameters()] == [
        *("body.W1[0,0]", "body.b1[0]", "body.gamma1[0]", "body.beta1[0]"),
        *("head.W[0,0]", "head.b[0]"),
    ]


def test_what_is_in_two_rows_keeps_the_name_that_it_had():
    shared = Sequential(Layer(1, 1), Layer(1, 1))
    first = Sequential(Layer(1, 1), shared)
    second = Sequential(shared, Layer(1, 1), shared)
    assert [p.label for p in first.parameters()[::2]] == ["W1[0,0]", "W2[0,0]", "W3[0,0]"]
    assert second.parameters()[-1].label == "b3[0]"
    second([0.5])


# --- What cannot be ---


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Sequential(), r"a Sequential needs a part at least, .* but was given \(\)"),
        (lambda: Residual(), r"a Residual needs a part at least"),
        (lambda: Sequential([Layer(2, 1)]), r"one by one, as in Sequential\(Layer\(2, 8\), .* was given \[Layer"),
        (lambda: Sequential(engine.tanh), r"Modules that have been made, .* Activation\('tanh'\), but was given <func"),
        (lambda: Sequential(Layer), "Modules that have been made, .* but was given <class"),
        (lambda: Sequential("tanh"), "but was given 'tanh'"),
        (lambda: Sequential(Layer(2, 3), Layer(4, 1)), r"Layer\(4, 1, 'relu'\) reads 4 numbers, but Layer.* gives 3"),
        (lambda: Sequential(Layer(2, 3), Activation("tanh"), PReLU(4)), r"PReLU\(4\) reads 4 .*\('tanh'\) gives 3"),
        (lambda: Residual(Layer(2, 3), Sequential(Layer(2, 2))), "reads 2 numbers, but .* gives 3"),
        (lambda: Layer(2, 1, "softmax"), "softmax of one output is 1 whatever it is: .* write 'sigmoid'"),
        (lambda: MLP(2, [1], output_activation="softmax"), "softmax of one output is 1"),
        (lambda: Neuron(2, "softmax"), r"softmax is of all outputs of a layer .* place of 'softmax'"),
        (lambda: Activation(engine.softmax), r"or the part Softmax\(\), in the place of <function softmax"),
        (lambda: Layer(2, 2, PReLU(2)), r"PReLU\(2\) is a part of its own: .* as in Sequential"),
        (lambda: Layer(2, 2, PReLU), "PReLU'> is a class"),
        (lambda: Layer(2, 2, math.tanh), r"must make what it gives of the number .* tanh> gives 0.46"),
        (lambda: Layer(2, 2, lambda z: 1.0 if z > 0 else 0.0), "through which nothing is learnt: write it with"),
        (lambda: Layer(2, 2, lambda: 1.0), "is a function of one Value, such as .* cannot be called with Value"),
        (lambda: Layer(2, 2, lambda z: None), "an activation gives a number, but .* gave None"),
        (lambda: MLP(2, [2], normalization="group"), "unknown normalization 'group': choose one of .*layer.* or None"),
        (lambda: MLP(2, [3, 2, 1], residual=True), r"no hidden layer is as wide as what is before it: \[2, 3, 2\]"),
        (lambda: MLP(2, [2], residual=True), "no hidden layer is as wide"),
        (lambda: MLP(2, [2, 2], residual=1), "residual must be True or False, but was 1"),
        (lambda: Embedding(10**6, 10**6), r"n_words \* width must be at most"),
        (lambda: Softmax()([1.0]), "two numbers or more, but was given 1; .* Activation"),
        (lambda: Embedding(4, 2)([4]), r"Embedding\(4, 2\) has words 0 to 3, but was given 4"),
        (lambda: Embedding(4, 2)(-1), "was given -1"),
        (lambda: Embedding(4, 2)([0.5]), "was given 0.5"),
        (lambda: Embedding(4, 2)([math.nan]), "was given nan"),
        (lambda: LayerNorm(3)([1.0, 2.0]), r"LayerNorm\(3\) needs 3 inputs, but was given 2"),
        (lambda: PReLU(3)([1.0, 2.0]), "needs 3 inputs, but was given 2"),
        (lambda: Sequential(LayerNorm(3))([1.0]), "needs 3 inputs, but was given 1"),
        (lambda: Residual(Embedding(4, 2))([1, 2]), "it was given 2 and they gave 4"),
        (lambda: Layer(2, 2, squared).settings(), "a model file holds no functions, so squared cannot be written"),
        (lambda: Activation(squared).settings(), "so squared cannot be written"),
        (lambda: module_without_settings().settings(), "Own does not say what it was made with"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make, says):
    with pytest.raises((ValueError, TypeError), match=says):
        make()


def module_without_settings():
    class Own(Module):
        pass

    return Own()


@pytest.mark.parametrize("name", [name for name in PARTS if not name.startswith("Neuron")])
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda part: part([[1, 2, 3]] * 2), "needs a list of (3 )?numbers, one example, .* a batch"),
        (lambda part: part(np.ones((2, 3))), "a batch"),
        (lambda part: part("abc"), r"needs a list of (3 )?numbers, such as \[0\.5, 0\.5.*\], but was given 'abc'"),
        (lambda part: part(1, 2, 3), r"as one argument, but was given several: \(1, 2, 3\)"),
        (lambda part: part([1, 2, None]), "but was given None among them"),
    ],
)
def test_what_is_no_example_is_refused(name, call, says):
    with pytest.raises(TypeError, match=says):
        call(PARTS[name]())


def test_a_part_that_gives_no_numbers_is_refused():
    class Silent(Module):
        def __call__(self, x):
            return None

    with pytest.raises(TypeError, match=r"a part gives a number or a list of numbers, but .*Silent.* gave None"):
        Sequential(Silent())([1.0])


# --- What they are for ---


def test_functions_of_ones_own_are_activations():
    for own in (squared, functools.partial(engine.elu, alpha=0.5), np.tanh, engine.sin,
                lambda z: z if z > 1 else 0.0):  # fmt: skip
        model = MLP(2, [3, 1], own, seed=1)
        w = np.array(model.layers[0].weights)
        hidden = [float(own(z)) for z in w @ [1.0, 2.0]]
        assert model([1.0, 2.0]).data == pytest.approx(np.dot(model.layers[1].weights[0], hidden), rel=1e-12)
    assert repr(Layer(2, 2, squared)) == "Layer(2, 2, squared)"
    assert Layer(2, 2, squared).activation is squared
    assert Activation(squared).activation is squared


def test_gradients_reach_the_words_that_were_used_alone():
    words = Embedding(5, 2, seed=1)
    total(words([3, 1, 3])).backward()
    assert [[p.grad for p in row] for row in words.E] == [[0, 0], [1, 1], [0, 0], [2, 2], [0, 0]]
    one = [y.data for y in words(3)]
    assert one == words.vectors[3]
    program = compile(words, inputs=1, parameters=words.parameters())
    outputs = program.value([p.data for p in words.parameters()], [[3.0], [5.0], [0.5]])
    np.testing.assert_array_equal(outputs, [one, [math.nan] * 2, [math.nan] * 2])


def all_parts():
    return Sequential(
        Embedding(4, 1, seed=1),
        Layer(2, 2, "linear", seed=2),
        LayerNorm(2),
        PReLU(2),
        Residual(Layer(2, 2, squared, seed=3)),
        Residual(Layer(2, 3, "linear", init=Uniform(-0.1, 0.1), seed=4), Activation("tanh"), seed=5),
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_net_of_all_parts_trains_alike(backend):
    X = [[i % 4, (3 * i + i // 4) % 4] for i in range(12)]
    y = [(a + b) % 3 for a, b in X]
    settings = {"loss": "cross_entropy", "epochs": 5, "batch_size": 6, "learning_rate": 0.1}
    expected = fit(eager := all_parts(), X, y, backend="eager", progress=False, **settings)
    history = fit(model := all_parts(), X, y, backend=backend, progress=False, **settings)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-9)
    assert list(model.state_dict().values()) == pytest.approx(list(eager.state_dict().values()), rel=1e-9, abs=1e-12)
    assert history["loss"][-1] < history["loss"][0]


def test_twenty_layers_of_tanh_fail_alone_and_learn_as_residuals():
    X, y = two_moons(100, noise=0.1)
    reached = {}
    for residual in (False, True):
        model = MLP(2, [8] * 20 + [1], "tanh", init=Uniform(-0.5, 0.5), seed=1, residual=residual)
        history = fit(model, X, y, epochs=60, learning_rate=0.05, backend="numpy", progress=False)
        reached[residual] = history["accuracy"][-1]
    assert reached[False] < 0.8  # below what a straight line does
    assert reached[True] > 0.98


def test_a_hidden_layer_is_normalized_before_its_activation_and_dropped_out_after_it():
    X = [[0.5, -1.0], [2.0, 0.3], [-1.5, 1.0]]
    plain = MLP(2, [4, 3], "tanh", seed=1)
    model = MLP(2, [4, 3], "tanh", seed=1, normalization="batch", residual=False, dropout=0.5)
    sums = np.array(X) @ np.array(plain.layers[0].weights).T
    hidden = np.tanh((sums - sums.mean(axis=0)) / np.sqrt(sums.var(axis=0) + 1e-5))
    kept = np.array([[y.data for y in row] for row in model.batch(X)])
    weights = np.array(plain.layers[1].weights)
    choices = [np.array(mask) for mask in np.ndindex(2, 2, 2, 2)]
    for row, outputs in zip(hidden, kept, strict=True):
        assert any(np.allclose(outputs, weights @ (2 * mask * row), rtol=1e-12, atol=1e-14) for mask in choices)
    assert MLP(2, [4, 3], "tanh", seed=1, dropout=0.5).eval()(X[0])[0].data == plain(X[0])[0].data
    assert repr(model).endswith("normalization='batch', dropout=0.5)")
    with pytest.raises(ValueError, match="a model file holds no functions"):
        MLP(2, [2, 2], squared).save("model.json")
