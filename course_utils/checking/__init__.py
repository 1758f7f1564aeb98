"""The engine of `check` and of the grader: what an exercise is, how an answer is observed, judged and reported.

Imports texts.
"""
