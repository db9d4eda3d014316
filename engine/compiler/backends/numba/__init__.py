"""Native code: procedures as loops over memory, compiled by Numba.

`layout` gives every number its place, `plan` says in which order nests are carried out, and `loops` writes the text;
`update` writes that of an optimizer's step. `module` compiles it together with `drivers`, which call it, and `cache`
keeps the result on disk. What the text calls is in `arithmetic`, single numbers, and `products`, matrices. Only the
last five need Numba; `backend` calls all of it.
"""

from engine.compiler.backends.numba.backend import NumbaBackend

__all__ = ["NumbaBackend"]
