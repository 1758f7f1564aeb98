"""What the course does with answers, apart from how it says it: run in English and in a nonsense language by `test_texts.py`.

    python tests/texts/behaviour.py FOLDER

prints, as JSON, what must not depend on a sentence; the reports and the hand-out are written into FOLDER.
"""

import contextlib
import csv
import io
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from sample_submission import RIGHT, STUB, ZERO, answers, hand_in

from course_utils.environment.trial import examine
from course_utils.exercises import chapters, exercise, exercise_names
from course_utils.grading.export import gradescope
from course_utils.grading.grade import grade
from course_utils.learner.check import check, verdict_on
from course_utils.releasing.release import release

CHAPTER = "02_sigmoid"
# Misconceptions of `cure` whose check trains networks for seconds; its others are told in the same sentences.
TRAINING = ("relu_everywhere", "tanh_everywhere", "std_everywhere", "positive_bias")
WORDS = ("hint", "why")  # columns of sentences
# Rejected for the reason for which a misconception is, with other values: by sentences without fields, too.
REJECTED = (lambda x: 3 * x - 1, np.sign, lambda x: x**3, lambda x: 2 * np.tanh(x))


def checked():
    """What the instant check makes of each model answer and each known wrong idea."""
    for name in exercise_names():
        spec = exercise(name)
        for answer in (spec.solution, *(m.wrong for m in spec.misconceptions if m.name not in TRAINING)):
            verdict = verdict_on(answer, spec)
            yield name, verdict.status, verdict.points, verdict.reason, verdict.misconception, verdict.curve is not None
    for answer in REJECTED:
        verdict = verdict_on(answer, exercise("my_activation"))
        yield verdict.reason, verdict.misconception
    for answer in (None, "sigmoid", int):
        verdict = check(answer)
        yield verdict.status, verdict.reason


def graded(folder):
    """A class that is graded, and graded again after a student has changed an answer and the teacher a mark."""
    submitted, out = folder / "submitted", folder / "report"
    hand_in(submitted / "ada" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    hand_in(submitted / "ben" / f"{CHAPTER}.ipynb", *answers(STUB, sigmoid=ZERO["sigmoid"]))
    hand_in(submitted / "cem" / f"{CHAPTER}.ipynb", "1 / 0", "import socket", *answers(RIGHT, logit="def logit(:"))
    hand_in(submitted / "dan" / f"{CHAPTER}.ipynb", raw="no notebook")
    (submitted / "eva").mkdir()
    hand_in(submitted / "fay" / f"{CHAPTER}.ipynb", *answers(STUB))
    yield grade(submitted, out, jobs=2, isolation="process")
    hand_in(submitted / "ben" / f"{CHAPTER}.ipynb", *answers(STUB, sigmoid=RIGHT["sigmoid"]))
    (out / "overrides.csv").write_text("student,exercise,points,reason\ndan,sigmoid,1,Seen on paper.\n")
    yield grade(submitted, out, jobs=2, isolation="process")
    for table in sorted(out.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            yield table.name, [{k: v for k, v in row.items() if k not in WORDS} for row in csv.DictReader(file)]
    yield sorted(str(path.relative_to(out)) for path in out.rglob("*"))
    for student in ("ada", "ben", "dan", "eva", "fay"):
        yield (out / "feedback" / f"{student}.html").read_text("utf-8").count('<section class="answer"')
        tests = json.loads((out / "gradescope" / f"{student}.json").read_text("utf-8"))["tests"]
        yield [(test.get("score"), test["tags"], test["extra_data"]) for test in tests]
    yield gradescope.main([str(submitted)]), gradescope.main([str(folder / "nobody")])


def handed_out(folder):
    """The files of a hand-out, and the cells of its notebooks."""
    release(Path(__file__).parents[2], folder / "class", [CHAPTER])
    for path in sorted((folder / "class").rglob("*")):
        cells = json.loads(path.read_text("utf-8"))["cells"] if path.suffix == ".ipynb" else []
        yield str(path.relative_to(folder)), [cell["id"] for cell in cells]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "nobody").mkdir(parents=True)
    with contextlib.redirect_stdout(io.StringIO()):
        found = [list(checked()), list(graded(folder)), list(handed_out(folder)), list(chapters())]
        health = examine(None)
        found += [health.fine, len(health.around)]
    print(json.dumps(found, default=str))
