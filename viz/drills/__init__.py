"""Drills: small graphs, and the question what number comes next."""
