"""The backprop explorer: every step of a forward and a backward pass, to be walked through and undone."""
