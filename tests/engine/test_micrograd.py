"""Drop-in for micrograd: its own example, tests and demo, beside the real one."""

import gc
import random

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

import engine
import nn

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


def test_the_demo_follows_micrograds_losses_for_20_steps():
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    data = {"X": X, "y": y * 2 - 1, "steps": 20}

    random.seed(1337)
    gc.disable()  # micrograd's graphs are cycles: looking through them takes ten times as long as the arithmetic
    try:
        theirs = run(DEMO, micrograd.engine, make_model=lambda: micrograd.nn.MLP(2, [16, 16, 1]), **data)
    finally:
        gc.enable()
    mine = run(DEMO, engine, make_model=lambda: nn.MLP(2, [16, 16, 1], init="uniform", seed=1337), **data)

    for (my_loss, my_accuracy), (loss, accuracy) in zip(mine["history"], theirs["history"], strict=True):
        assert my_loss == pytest.approx(loss, rel=1e-9)
        assert my_accuracy == accuracy
    assert mine["history"][-1][0] < 0.5  # and it learns


def test_the_interface_that_micrograds_users_know():
    model = nn.MLP(2, [3, 1])
    assert len(model.parameters()) == 13
    assert len(model.layers[0].neurons[0].w) == 2
    assert model.layers[0].neurons[0].b.data == 0
    model([1.0, -2.0]).backward()
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())
