"""Exercises of the chapter on today's networks."""
