"""Exercises of the ReLU chapter."""

ORDER = ("he_std", "dead_share", "relu", "relu_slope")
