"""The teacher's tools for the notebooks: ``python -m course`` lists them."""
