"""Your own table: ``python -m demos DATA.csv --target COLUMN`` trains a network on a CSV, ``predict`` applies it."""
