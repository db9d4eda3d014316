"""chalkgrad trains: the one place where the race goes through `nn`'s way of training on a backend."""

from typing import Any

from benchmarks.measure import Trial
from nn import MLP, fit

__all__ = ["fitted"]


def fitted(model: MLP, X: Any, y: Any, *, backend: str, steps: int, **settings: Any) -> Trial:
    """So many steps of training in a call; the answer is the loss of each epoch in the first call.

    For now every call is a whole `nn.fit`, which compiles the model anew: that is in the figure, and does not belong
    there.

    Args:
        model: goes on from where the last call left it.
        X, y: the data.
        backend: as for `nn.fit`.
        steps: a multiple of the steps in an epoch.
        **settings: of `nn.fit`.
    """
    epochs = steps // (len(X) // settings.get("batch_size", len(X)))

    def run() -> list[float]:
        return fit(model, X, y, backend=backend, epochs=epochs, progress=False, **settings)["loss"]

    return Trial(run, list, size=steps)
