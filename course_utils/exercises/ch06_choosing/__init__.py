"""Exercises of the chapter on choosing an activation."""
