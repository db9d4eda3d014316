"""Where in a model a part of it is, and how people write that: the one place that says what parameters are called."""

from dataclasses import dataclass
from typing import Optional

__all__ = ["Place"]


@dataclass(slots=True, eq=False)
class Place:
    """Where in a model something is. That of a whole model has no name and is within nothing.

    Attributes:
        name: of the attribute that holds it.
        index: where in a list, if the attribute is one, or the key in a dict; in a list of lists, several.
        within: the place of the Module that has the attribute.
        kind, number: what it is counted as, where parts follow each other: "layer", 2. The number is 0 if it is not.
        row: the place of the Module whose parts are counted, if Parameters here are called by that number, as in W2.

    Example:
        >>> layer = Place("layers", (0,), within=Place())
        >>> weight = Place("w", (1,), within=Place("neurons", (2,), within=layer))
        >>> weight.label, layer.title
        ('W1[2,1]', 'layer 1')
    """

    name: str = ""
    index: tuple[int | str, ...] = ()
    within: Optional["Place"] = None
    kind: str = ""
    number: int = 0
    row: Optional["Place"] = None

    @property
    def label(self) -> str:
        """What the parameter here is called: ``W1[2,1]`` or ``b1[2]`` in a layer, by its path elsewhere.

        It counts as the printed equations do: layers from 1, rows (neurons) and columns (inputs) from 0.
        """
        name, index, part = self.name, self.index, self.within
        is_of_neuron = part is not None and part.name == "neurons" and name in ("w", "b")
        if part is not None and is_of_neuron:
            name, index, part = name.replace("w", "W"), part.index + index, part.within
        if part is not None and (part._is_counted or (is_of_neuron and part._is_layer)):
            name, part = f"{name}{part._number}", part.row or part.within
        own = name + f"[{','.join(map(str, index))}]" * bool(index)
        return f"{part.label}.{own}" if part is not None and part.within is not None else own

    @property
    def title(self) -> str:
        """What the part here is called: "layer 1", "MLP 2", "neuron 0", by its path elsewhere."""
        if self.number or self._is_layer:
            return f"{self.kind or 'layer'} {self._number}"
        return f"neuron {self.index[0]}" if self.name == "neurons" and self.index else self.label

    def holds(self, other: "Place | None") -> bool:
        """Whether another is this place, or within it.

        Example:
            >>> model = Place()
            >>> model.holds(Place("w", within=Place("layers", (0,), within=model)))
            True
        """
        while other is not None and other is not self:
            other = other.within
        return other is self

    @property
    def _is_counted(self) -> bool:
        return self.row is not None and self.kind != "residual"  # whose numbers are all in its parts

    @property
    def _is_layer(self) -> bool:
        return self.name == "layers" and len(self.index) == 1 and isinstance(self.index[0], int)

    @property
    def _number(self) -> int:
        return self.number or int(self.index[0]) + 1
