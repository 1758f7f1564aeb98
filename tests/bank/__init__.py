"""The bank: for every exercise wrong, right and ready-made answers and mutations of the right one, with the verdict each must get.

One file a chapter, with four tables: `WRONG`, `RIGHT` and `FORBIDDEN` {exercise: {title: cell}}, and `mutants()`. An answer
stands as a learner would write it, see `answers.cell`. `score.py` judges them, for the tests and for `course check-bank`.
"""
