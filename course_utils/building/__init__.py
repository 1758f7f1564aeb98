"""`course build` and `make site`: from the text sources to notebooks, exercises, solutions and pages, and the checks of what was made.

Imports activations, checking, exercises, learner, plotting, references, releasing, texts.
"""
