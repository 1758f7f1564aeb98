"""`course grade`: submissions are read, run in processes of their own, and judged by the code of the learner's check.

Imports checking, exercises, texts.
"""
