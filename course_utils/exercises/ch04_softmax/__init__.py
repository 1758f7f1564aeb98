"""Exercises of the softmax chapter."""

ORDER = ("softmax", "softmax_with_temperature", "log_softmax", "cross_entropy", "softmax_jacobian")
