"""What is handed out and published: hand-outs for a class, badges, and the first cell on Colab.

Imports exercises, grading, texts.
"""
