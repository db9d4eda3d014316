"""The outputs and gradients of parts in PyTorch, which write parts_in_torch.json when this file is run by hand.

It needs torch, and the tests do not: they read the numbers.
"""

import json
from pathlib import Path

import torch
from torch import nn

FILE = Path(__file__).with_suffix(".json")

torch.set_default_dtype(torch.float64)


class Residual(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, x):
        return x + self.part(x)


def numbers(n, factor):
    return [round(((7 * i + 3) % 11 - 5) * factor, 3) for i in range(n)]


PARTS = {
    "LayerNorm": (nn.LayerNorm(4), numbers(4, 0.7)),
    "LayerNorm, epsilon": (nn.LayerNorm(3, eps=0.5), numbers(3, 0.2)),
    "PReLU": (nn.PReLU(4), numbers(4, 0.7)),
    "Softmax": (nn.Softmax(dim=1), numbers(4, 0.7)),
    "Embedding": (nn.Embedding(5, 2), [3, 0, 3]),
    "Residual": (Residual(nn.Sequential(nn.Linear(3, 3), nn.Tanh())), numbers(3, 0.7)),
    "Sequential": (nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.GELU(), nn.Linear(2, 2)), numbers(3, 0.7)),
}


def account(part, inputs):
    """What goes in and comes out, and what comes back of the outputs times 1, 2, 3, ..."""
    for i, parameter in enumerate(part.parameters()):
        with torch.no_grad():
            parameter.copy_(torch.tensor(numbers(parameter.numel(), 0.3 + 0.1 * i)).reshape(parameter.shape))
    is_of_words = isinstance(part, nn.Embedding)
    x = torch.tensor(inputs) if is_of_words else torch.tensor(inputs, requires_grad=True)
    y = part(x if is_of_words else x[None]).flatten()  # one example
    (y * torch.arange(1.0, len(y) + 1)).sum().backward()
    parameters = [*part.parameters()]
    return {
        "inputs": inputs,
        "parameters": [number for parameter in parameters for number in parameter.flatten().tolist()],
        "outputs": y.tolist(),
        "input_gradients": None if is_of_words else x.grad.tolist(),
        "gradients": [number for parameter in parameters for number in parameter.grad.flatten().tolist()],
    }


if __name__ == "__main__":
    rows = [f"{json.dumps(name)}: {json.dumps(account(*of))}" for name, of in PARTS.items()]
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n")
