"""A training step on two moons: MLP 2-16-16-1, relu, hinge loss and L2, all 100 rows, gradient descent.

The answer of a step is the loss before it and the parameters after it, neuron by neuron, weights before bias.
"""

import random
from typing import Any

from benchmarks.measure import Trial
from benchmarks.workload import Aim, Contestant, Workload
from nn import MLP, fit, two_moons

SIZES = [16, 16, 1]
L2 = 1e-4
RATE = 0.1


def initial_model() -> MLP:
    """The network as all start it; micrograd draws the same numbers."""
    return MLP(2, SIZES, init="uniform", seed=1337)


def data() -> tuple[list[list[float]], list[int]]:
    """100 points and their labels, -1 or 1."""
    return two_moons(100, noise=0.1, seed=1337)


def chalkgrad() -> Trial:
    """`nn.fit`, one epoch at a time."""
    X, y = data()
    model = initial_model()

    def step() -> float:
        history = fit(model, X, y, loss="hinge", epochs=1, learning_rate=RATE, l2=L2, progress=False)
        return history["loss"][0]

    return Trial(step, lambda loss: [loss, *(p.data for p in model.parameters())])


def micrograd() -> Trial:
    """The loop of micrograd's demo notebook."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    X, y = data()
    random.seed(1337)
    model = MLP(2, SIZES)

    def step() -> Any:
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = L2 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]

        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return total_loss.data, sum(accuracy) / len(accuracy)

    return Trial(step, lambda result: [result[0], *(p.data for p in model.parameters())])


def torch_tensors() -> Trial:
    """PyTorch as its users write it: matrices, not single numbers."""
    import torch

    torch.set_default_dtype(torch.float64)
    X, y = map(torch.tensor, data())
    start = initial_model()
    penalty = L2 * sum(p.data**2 for p in start.parameters())
    linears = []
    for layer in start.layers:
        linear = torch.nn.Linear(len(layer.weights[0]), len(layer.biases))
        linear.load_state_dict({"weight": torch.tensor(layer.weights), "bias": torch.tensor(layer.biases)})
        linears.append(linear)
    model = torch.nn.Sequential(linears[0], torch.nn.ReLU(), linears[1], torch.nn.ReLU(), linears[2])
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, weight_decay=2 * L2)

    def step() -> Any:
        loss = torch.relu(1.0 - y * model(X)[:, 0]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def answer(loss: Any) -> list[float]:
        rows = [torch.column_stack((linear.weight, linear.bias)).flatten() for linear in linears]
        return [loss.item() + penalty, *torch.cat(rows).tolist()]

    return Trial(step, answer)


def numpy_by_hand() -> Trial:
    """The same derivatives worked out on paper and written down as matrices."""
    import numpy as np

    X, y = map(np.array, data())
    layers = initial_model().layers
    W1, W2, W3 = (np.array(layer.weights) for layer in layers)
    b1, b2, b3 = (np.array(layer.biases) for layer in layers)
    parameters = W1, b1, W2, b2, W3, b3
    n = len(X)

    def step() -> float:
        a1 = np.maximum(X @ W1.T + b1, 0.0)
        a2 = np.maximum(a1 @ W2.T + b2, 0.0)
        margin = 1.0 - y * (a2 @ W3[0] + b3)
        loss = np.maximum(margin, 0.0).sum() / n + L2 * sum(np.vdot(p, p) for p in parameters)

        d3 = np.where(margin > 0.0, y * (-1.0 / n), 0.0)[:, None]
        d2 = d3 * W3 * (a2 > 0.0)
        d1 = d2 @ W2 * (a1 > 0.0)
        gradient = d1.T @ X, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0), d3.T @ a2, d3.sum(axis=0)
        for p, g in zip(parameters, gradient, strict=True):
            p -= RATE * (g + 2 * L2 * p)
        return float(loss)

    def answer(loss: float) -> list[float]:
        rows = [np.column_stack(layer).ravel() for layer in ((W1, b1), (W2, b2), (W3, b3))]
        return [loss, *np.concatenate(rows).tolist()]

    return Trial(step, answer)


WORKLOAD = Workload(
    name="moons",
    title="training step on two moons: MLP 2-16-16-1 relu, hinge + L2, 100 rows",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad", chalkgrad),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("PyTorch, tensors", torch_tensors, needs="torch"),
        Contestant("NumPy, derived by hand", numpy_by_hand),
    ),
    aims=(Aim("chalkgrad", of="micrograd", at_most=1 / 50),),
)
