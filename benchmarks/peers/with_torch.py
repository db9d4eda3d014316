"""PyTorch, on tensors: eager as its users write it, and compiled.

Eager: torch.nn.Linear, and torch.optim with fused=True, which is its fastest on the CPU.
Compiled: the whole step, derivatives (torch.func) and optimizer included, in one torch.compile with its C++ wrapper.
That is two to three times as fast as to compile the model or the loss and leave the rest as it was.
"""

from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Any

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["Loss", "compiled", "eager"]

Loss = Callable[[Any, Any], Any]
"""(outputs (batch, n), labels) -> the mean loss, without the penalty."""


def eager(task: Task, activation: str, loss: Loss) -> Trial:
    """The ordinary training loop.

    Args:
        task: what is trained; its penalty is the optimizer's weight decay.
        activation: a name in torch.nn.
        loss: what is made small.
    """
    import torch

    model, batches = _model(task, activation), cycle(_batches(task))
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.settings["optimizer"]]
    optimizer = kind(model.parameters(), lr=task.rate, weight_decay=2 * task.l2, fused=True)

    def step() -> Any:
        X, y = next(batches)
        value = loss(model(X), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value.detach()

    return task.trial(step, extra=lambda: _penalty(task, model.parameters()))


def compiled(task: Task, activation: str, loss: Loss) -> Trial:
    """The same step as one compiled function; arguments as for `eager`."""
    import torch
    from torch.func import functional_call, grad_and_value

    model, batches = _model(task, activation), cycle(_batches(task))
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    means = {name: torch.zeros_like(p) for name, p in parameters.items()}
    squares = {name: torch.zeros_like(p) for name, p in parameters.items()}

    def cost(parameters: Any, X: Any, y: Any) -> Any:
        return loss(functional_call(model, parameters, (X,)), y)

    count = torch.zeros(1)  # the C++ wrapper does not see that a tensor of no dimension changes

    def sgd(X: Any, y: Any) -> Any:
        gradients, value = grad_and_value(cost)(parameters, X, y)
        for name, p in parameters.items():
            p.sub_(task.rate * (gradients[name] + 2 * task.l2 * p))
        return value

    def adam(X: Any, y: Any) -> Any:
        gradients, value = grad_and_value(cost)(parameters, X, y)
        t = count.add_(1)
        for name, p in parameters.items():
            mean = means[name].mul_(0.9).add_(gradients[name], alpha=0.1)
            square = squares[name].mul_(0.999).add_(gradients[name] ** 2, alpha=0.001)
            p.sub_(task.rate * mean / (1 - 0.9**t) / (torch.sqrt(square / (1 - 0.999**t)) + 1e-8))
        return value

    step = torch.compile({"sgd": sgd, "adam": adam}[task.settings["optimizer"]], options={"cpp_wrapper": True})
    return task.trial(lambda: step(*next(batches)), extra=lambda: _penalty(task, parameters.values()))


def _model(task: Task, activation: str) -> Any:
    """torch.nn layers with the numbers that all start with."""
    import torch

    torch.set_default_dtype(torch.float64)
    parts: list[Any] = []
    for W, b in task.matrices():
        linear = torch.nn.Linear(W.shape[1], W.shape[0])
        linear.load_state_dict({"weight": torch.from_numpy(W), "bias": torch.from_numpy(b)})
        parts += [linear, getattr(torch.nn, activation)()]
    return torch.nn.Sequential(*parts[:-1])


def _penalty(task: Task, parameters: Iterable[Any]) -> float:
    """What weight decay leaves out of the loss."""
    return task.l2 * sum(p.square().sum().item() for p in parameters)


def _batches(task: Task) -> list[tuple[Any, Any]]:
    import torch

    return [(torch.tensor(X), torch.tensor(y)) for X, y in task.batches()]
