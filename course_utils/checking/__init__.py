"""Exercises and their checker: what an exercise is, how an answer is observed, judged and reported."""
