"""`course grade`: reads submissions, runs each in its own process, and judges them with the code behind the learner's check.

Imports checking, exercises, texts.
"""
