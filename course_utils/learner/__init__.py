"""What a learner calls in a notebook: check, hints, predictions and quizzes, progress, and their history.

Imports checking, exercises, plotting, texts.
"""
