"""Lists of Parameters that only Parameters get into, and of their numbers, to read."""

from collections.abc import Iterable
from typing import Any, Self

from engine.arguments import shown
from nn.module import Parameter

__all__ = ["Numbers", "Weights"]


class Weights(list[Parameter]):
    """Parameters: a list that nothing else gets into, as it would not be trained."""

    def __setitem__(self, index: Any, item: Any) -> None:
        super().__setitem__(index, self._checked(item) if isinstance(index, slice) else self._checked([item])[0])

    def __iadd__(self, items: Iterable[Any]) -> Self:  # type: ignore[override, misc]  # of lists, + and += differ
        return super().__iadd__(self._checked(items))

    def append(self, item: Any) -> None:
        super().append(*self._checked([item]))

    def extend(self, items: Iterable[Any]) -> None:
        super().extend(self._checked(items))

    def insert(self, index: Any, item: Any) -> None:
        super().insert(index, *self._checked([item]))

    @staticmethod
    def _checked(items: Iterable[Any]) -> list[Any]:
        found = list(items)
        for item in found:
            if not isinstance(item, Parameter):
                raise TypeError(
                    f"a weight is a Parameter, but was given {shown(item)}: to change its number, write "
                    "neuron.w[0].data = 0.5"
                )
        return found


class Numbers(list[Any]):
    """The numbers of Parameters as they were: a list to read, as what is written to it would not reach them."""

    def _refuse(self, *given: Any) -> Any:
        raise TypeError(
            "weights and biases are given as a copy of their numbers, so nothing can be set there: to change one, "
            "write layer.neurons[0].w[0].data = 0.5, or b.data"
        )

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return list, ([*self],)  # a copy of a copy is anybody's
