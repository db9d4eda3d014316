"""A network together with the preparation of its table: from cells to classes or numbers, and one file for both."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demos.tables.preparation import Preparation
from demos.tables.reading import TableError, near_names
from engine.files import write_atomically
from nn import MLP, predict
from nn.io.model_file import document_of, model_of

__all__ = ["TableModel"]

FORMAT = "chalkgrad table model"
VERSION = 1


@dataclass(frozen=True)
class TableModel:
    """What predicts a column of a table.

    Attributes:
        network: from prepared inputs to one output for a number or two classes, or one for each class.
        preparation: of the inputs, and what outputs mean.
    """

    network: MLP
    preparation: Preparation

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """(n_rows, n_classes) for prepared inputs (n_rows, width)."""
        z = predict(self.network, X)
        if z.ndim == 1:
            z = np.stack([np.zeros_like(z), z], axis=1)  # sigmoid(z) is the second of softmax([0, z])
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def numbers(self, X: np.ndarray) -> np.ndarray:
        """(n_rows,) numbers predicted, in the units of the table."""
        target = self.preparation.target
        return target.mean + target.scale * predict(self.network, X)

    def answers(self, X: np.ndarray) -> np.ndarray:
        """(n_rows,) what is predicted: the indices of the most probable classes, or numbers."""
        return self.probabilities(X).argmax(axis=1) if self.preparation.target.classes else self.numbers(X)

    def save(self, path: Path) -> None:
        """Write both to one JSON file; OSError if it cannot be written."""
        parts = {"preparation": self.preparation.as_dict(), "model": document_of(self.network)}
        document = {"format": FORMAT, "version": VERSION, **parts}
        write_atomically(path, json.dumps(document, allow_nan=False).encode())

    @classmethod
    def load(cls, path: Path) -> "TableModel":
        """What `save` wrote; nothing in it is executed.

        Raises:
            TableError: there is no such file, or it is damaged or something else.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
            raise TableError(f"there is no file {path}{near_names(path.name, beside)}") from None
        except (OSError, ValueError, RecursionError) as error:
            why = getattr(error, "strerror", None) or "it is not JSON"
            raise TableError(f"{path} is no {FORMAT}: {why}") from None
        if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
            raise TableError(f'{path} is no {FORMAT}: it does not say "format": "{FORMAT}" and "version": {VERSION}')
        try:
            preparation = Preparation.from_dict(document.get("preparation"))
            network = _network(document.get("model"))
        except ValueError as error:
            raise TableError(f"{path} is damaged: {error}") from None
        n_outputs = len(network.layers[-1].neurons)
        n_classes = len(preparation.target.classes)
        expected = 1 if n_classes in (0, 2) else n_classes
        if (len(network.layers[0].neurons[0].w), n_outputs) != (preparation.width, expected):
            raise TableError(f"{path} is damaged: its network does not fit its columns")
        return cls(network, preparation)


def _network(document: object) -> MLP:
    """The network that a model file describes; ValueError if it is damaged, or of something else."""
    network = model_of(document, "its network")
    if not isinstance(network, MLP):
        raise ValueError(f"its network is no MLP, but {network}")
    return network
