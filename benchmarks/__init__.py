"""The race: chalkgrad and its peers side by side in one run, so that every figure is a ratio.

``make bench`` runs everything and writes ``benchmarks/results/latest.md`` and ``latest.json``;
``make bench ARGS=moons`` runs one workload, and ``ARGS=--quick`` goes a few rounds only.
"""
