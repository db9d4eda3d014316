"""The replay of a training, as a page and as moving pictures."""
