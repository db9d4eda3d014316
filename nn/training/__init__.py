"""Training: `fit` takes a model from one `TrainingState` to the next, by eager code or by a compiled program."""
