"""Plots of what a model has learnt, and of how it learnt it."""
