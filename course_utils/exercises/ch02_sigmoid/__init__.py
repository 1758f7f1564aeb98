"""Exercises of the sigmoid chapter."""

ORDER = ("sigmoid", "sigmoid_slope", "surviving_gradient", "stable_sigmoid", "logit")
