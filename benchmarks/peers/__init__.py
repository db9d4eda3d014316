"""The peers, one file each: what several workloads share of them, and how each is set to be at its best.

Every peer computes in float64 on one core, is given the same numbers, and is measured after it has warmed up:
what a peer compiles, it compiles before its first turn.
"""
