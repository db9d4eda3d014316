"""summary: the parts of a model as a table."""

import sys

import pytest

from nn import MLP, Activation, Buffer, Embedding, Layer, LayerNorm, Module, Parameter, Residual, Sequential, summary


class Own(Module):
    def __init__(self):
        self.body = Sequential(
            Embedding(10, 3), Layer(6, 5), LayerNorm(5), Residual(Layer(5, 5), Activation("tanh")), Layer(5, 1)
        )
        self.scale, self.count, self.tied = Parameter(1.0), Buffer(0.0), self.body.parts[1]

    def __call__(self, x):
        return self.scale * self.body(x)


def test_every_part_has_a_row_and_every_number_is_counted_once(capsys):
    model = Own()
    table = summary(model)
    assert capsys.readouterr().out == f"{table}\n"
    assert [(name.strip(), *rest) for name, _, *rest in table.rows] == [
        ("Own", None, 1, 1),
        ("body", 1, 0, 0),
        ("embedding 1", None, 30, 0),
        ("layer 1", 5, 35, 0),
        ("normalization 1", 5, 10, 0),
        ("residual 1", 5, 0, 0),
        ("layer 2", 5, 30, 0),
        ("activation 1", 5, 0, 0),
        ("layer 3", 1, 6, 0),
        ("layer 1", 5, 0, 0),
    ]
    assert table.n_parameters == sum(row[3] for row in table.rows) == len(model.parameters())
    assert table.n_buffers == sum(row[4] for row in table.rows) == 1
    lines = str(table).splitlines()
    assert lines[-1] == "112 parameters, and 1 numbers that are kept and not trained"
    assert lines[8].startswith("    layer 2")


def test_it_shows_itself(capsys, monkeypatch):
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)  # as where Python shows what a line gives
    table = summary(MLP(2, [4, 1], lambda z: z * z, normalization="layer"))
    assert capsys.readouterr().out == ""
    assert repr(table) == str(table)
    assert '<td style="text-align: left">Layer(2, 4, &lt;lambda&gt;)</td>' in table._repr_html_()
    assert table._repr_html_().count("<tr>") == 4
    everything = MLP(2, [4, 4, 1], normalization="batch", dropout=0.1)
    kinds = [type(part).__name__ for part in everything.parts]
    assert kinds == ["Layer", "BatchNorm", "Dropout", "Layer", "BatchNorm", "Dropout", "Layer"]
    assert summary(everything).n_buffers == 16
    with pytest.raises(TypeError, match="a summary is of a Module, such as an MLP, but was asked of 3"):
        summary(3)
