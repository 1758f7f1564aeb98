"""`course doctor`: what runs on this machine, and what to do where something does not.

Imports grading, learner, texts.
"""
