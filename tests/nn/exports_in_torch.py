"""What PyTorch makes of exported models, which writes exports_in_torch.json when this file is run by hand.

It needs torch, and the tests do not: they read the numbers. Run it as ``PYTHONPATH=.:tests python tests/nn/...``.
"""

import json
import re
import tempfile
from pathlib import Path
from textwrap import dedent

import torch
from models import MODELS
from safetensors import safe_open
from safetensors.torch import load_file

from nn import export

FILE = Path(__file__).with_suffix(".json")


shown = re.search(r"such as this::\n\n(.*?)\n\n    - ", export.__doc__, re.DOTALL)[1]
exec(dedent(shown), names := {"torch": torch})
Residual = names["Residual"]  # the one that people are told to write


class Embedding(torch.nn.Embedding):
    def forward(self, x):
        return super().forward(x.long())


def in_torch(model, rows, path):
    """The code that an exported file has, the state of what it makes, and what that makes of the rows."""
    export(model, path, format="torch")
    code = safe_open(path, "pt").metadata()["torch"]
    module = eval(code, {**vars(torch.nn), "Residual": Residual, "Embedding": Embedding}).double()
    module.load_state_dict(load_file(path))
    state = {name: array.tolist() for name, array in module.state_dict().items() if name[-7:] != "tracked"}
    outputs = module.eval()(torch.tensor(rows, dtype=torch.double))
    return {"code": code, "state": state, "outputs": outputs.tolist()}


if __name__ == "__main__":
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MODELS.items():
            model, rows = make()
            if rows and name != "step":  # which PyTorch has no module for
                model.batch(rows)
                found[name] = in_torch(model, rows, Path(folder, "model.safetensors"))
    FILE.write_text(json.dumps(found, indent=1) + "\n")
