"""`course build` and `make site`: make notebooks, exercises, solutions and pages from the text sources, and check the result.

Imports activations, checking, exercises, learner, plotting, references, releasing, texts.
"""
