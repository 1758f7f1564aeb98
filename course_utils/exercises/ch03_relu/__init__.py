"""Exercises of the ReLU chapter."""
