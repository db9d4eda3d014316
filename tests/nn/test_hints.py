"""Whoever writes an argument as another library calls it is told what it is called here."""

import inspect

import pytest

import nn
from nn.hints import ELSEWHERE, hinting

SILENT = {
    *("binary_cross_entropy", "binary_cross_entropy_from_probabilities", "cross_entropy", "hinge"),
    *("cross_entropy_from_probabilities", "mean_squared_error"),  # losses, called for every row and by position
    *("Buffer", "Dataset", "History", "LocationWindows", "Module", "Parameter", "Softmax", "TrainingState"),
    *("layer_outputs", "load", "summary"),  # take nothing that goes by many names
}
PUBLIC = {
    name: item
    for name in nn.__all__
    if (inspect.isclass(item := getattr(nn, name)) or inspect.isfunction(item)) and name not in SILENT
}
KNOWN = {name: inspect.signature(item).parameters for name, item in PUBLIC.items()}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_no_argument_is_answered_with_those_that_are(name):
    with pytest.raises(TypeError) as caught:
        PUBLIC[name](banana=1)
    assert str(caught.value) == f"{name} has no argument banana: it has {', '.join(KNOWN[name])}"
    longest = max(KNOWN[name], key=len)
    if len(longest) > 5:
        with pytest.raises(TypeError, match=f"{name} has no argument {longest[:-1]}: write "):
            PUBLIC[name](**{longest[:-1]: 1})


@pytest.mark.parametrize("given", ELSEWHERE)
def test_names_of_other_libraries_are_known(given):
    for hint in ELSEWHERE[given]:
        here = hint.partition("=")[0]
        owners = [name for name in PUBLIC if here in KNOWN[name] and given not in KNOWN[name]]
        assert owners, f"nothing public has an argument {here}"
        first = {n: next(h for h in ELSEWHERE[given] if h.partition("=")[0] in KNOWN[n]) for n in owners}
        assert hint in first.values(), f"{hint} is never said: {first}"
        for name in owners:
            with pytest.raises(TypeError) as caught:
                PUBLIC[name](**{given: 1})
            assert str(caught.value) == f"{name} has no argument {given}: write {first[name]}"


def test_a_class_keeps_its_signature_and_its_heirs():
    @hinting
    class Walk:
        def __init__(self, steps=3):
            self.steps = steps

    class Run(Walk):
        def __init__(self, steps, metres):
            super().__init__(steps=steps)
            self.metres = metres

    assert str(inspect.signature(Walk)) == "(steps=3)"
    assert (Walk(4).steps, Run(5, metres=6).metres) == (4, 6)
    with pytest.raises(TypeError, match=r"^Walk has no argument step: write steps=\.\.\.$"):
        Walk(step=3)
