"""A student's result in the format of Gradescope's `results.json`.

    python -m course_utils.grading.export.gradescope SUBMITTED > results.json

is what `docs/gradescope/run_autograder` runs if nothing could be graded: it prints the result of a student who handed in no
notebook of the course, or exits with 1 if there is one and something else failed.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils.checking.verdict import as_text
from course_utils.exercises import chapters
from course_utils.grading.discovery import find
from course_utils.grading.grading_messages import GRADESCOPE, OVERRIDDEN
from course_utils.grading.marks import Row, shown_points


def results(rows: Sequence[Row]) -> str:
    """What Gradescope shows about a student, as JSON text.

    If the grader itself failed, a test has no score: Gradescope then asks for one instead of counting a 0.

    Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    tests = [_test(row, place) for place, row in enumerate(rows, 1)]
    document = {"visibility": "visible", "stdout_visibility": "hidden", "tests": tests}
    return json.dumps(document) + "\n"


def _test(row, place):
    v = row.verdict
    said = [as_text(v)]
    if row.override:
        said.append(OVERRIDDEN.format(points=shown_points(row.points), most=v.max_points, reason=row.override.reason))
    test = {
        "name": f"{row.chapter}: {v.exercise}",
        "number": str(place),
        "max_score": v.max_points,
        "output": "\n".join(said),
        "output_format": "text",
        "visibility": "visible",
        "tags": [v.status],
        "extra_data": {"status": v.status, "misconception": v.misconception},
    }
    if row.points is None:
        return test
    return test | {"score": row.points, "status": "passed" if row.points >= v.max_points else "failed"}


def main(arguments: Sequence[str]) -> int:
    """Print the result of a student who handed in no notebook of the course."""
    (submitted,) = arguments
    if find(Path(submitted), tuple(chapters())).chapters:
        return 1
    print(json.dumps({"score": 0, "output": GRADESCOPE["nothing"].format(chapter=next(iter(chapters())))}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
