"""Submissions for tests: a notebook as a learner would hand it in, right or with some answers changed."""

import csv
import inspect
import json

from course_utils.exercises import exercise

CHAPTER = "02_sigmoid"
NAMES = (
    "sigmoid",
    "sigmoid_slope",
    "surviving_gradient",
    "stable_sigmoid",
    "logit",
)  # of the chapter's exercises, the answered ones
IMPORTS = "import os, sys, math, time, numpy as np\nfrom course_utils import check"
RIGHT = {name: inspect.getsource(exercise(name).solution) for name in NAMES}
STUB = {name: f'def {name}(x):\n    """Your answer."""\n    return ...' for name in NAMES}
ZERO = {name: f"def {name}(x):\n    return 0 * x" for name in NAMES}


def notebook(*sources):
    """A notebook's text."""
    cells = [{"cell_type": "markdown", "source": "# The sigmoid", "metadata": {}}]
    cells += [{"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None} for s in sources]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def hand_in(path, *sources, raw=None):
    """Write a notebook where a learner's belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook(IMPORTS, *sources) if raw is None else raw)


def answers(base, **changed):
    """The cells of a submission: a base, in which some exercises have another answer."""
    return [*(base | changed).values(), "".join(f"check({name})\n" for name in base)]


def table(out, name="grades.csv"):
    """The rows of a report's table, as dicts."""
    with (out / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def statuses(out):
    """student -> the statuses of the exercises in `NAMES` in order, in one line."""
    rows = {}
    for row in table(out):
        if row["exercise"] in NAMES:
            rows.setdefault(row["student"], []).append(row["status"])
    return {student: " ".join(row) for student, row in rows.items()}
