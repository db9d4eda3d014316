"""The race: chalkgrad and its peers side by side in one run, so that every figure is a ratio.

``make bench`` runs everything and writes ``benchmarks/results/``: ``latest.md`` with all figures, ``summary.md``
with those that are looked for most, and ``latest.json``. ``make bench ARGS=moons`` runs one workload, and
``ARGS=--quick`` goes a few rounds only.

`race` lets the contestants of a `workload` take turns, each in a process of its own (`runner`), and compares their
answers; `measure` says what is measured and `report` what came out. `task` is what it is to train a network,
`training` and `chalkgrad` are ours, `peers` theirs, and `limit` is what no machine like this goes below.
"""
