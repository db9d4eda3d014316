"""Vectors out of single numbers: `lift` finds them on the tape, `differentiate` says what goes backward."""
