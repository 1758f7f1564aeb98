"""Exercises of the chapter on why a network needs a nonlinearity."""
