"""Exercises of the tanh chapter."""

ORDER = ("glorot_std", "tanh_slope", "tanh", "tanh_from_sigmoid")
