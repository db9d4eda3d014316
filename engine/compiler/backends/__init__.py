"""What carries a program out: NumPy, native loops by Numba, and JAX."""
