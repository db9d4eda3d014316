"""The teacher's tools for the notebooks: ``python -m course`` lists them."""

import sys

# nbformat imports jsonschema, which makes grammars of IRIs if it can, for seconds; a notebook has none to check.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
