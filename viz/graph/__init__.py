"""The recorded graph as a picture, in DOT and drawn."""
