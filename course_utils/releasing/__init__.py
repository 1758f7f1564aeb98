"""What is handed out and published: hand-outs for a class, badges, the two editions of a chapter, and the first cell on Colab.

Imports exercises, grading, texts.
"""
