"""Small data sets to learn on, by one call each, ready for `fit`."""
