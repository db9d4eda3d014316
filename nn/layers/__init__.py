"""The layers that networks are made of, and networks of them."""
