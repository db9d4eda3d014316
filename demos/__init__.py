"""Small classification demos: ``python -m demos`` lists them, ``python -m demos moons`` runs one."""
