"""A student's result in the format of GitHub Classroom's reporter: a step output `result=<JSON in base64>`.

    python -m course_utils.grading.export.github_classroom REPORT STUDENT >> "$GITHUB_OUTPUT"

Source: https://github.com/classroom-resources/autograding-grading-reporter, src/main.js and src/notify-classroom.js
"""

import base64
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils.grading.grading_messages import CLASSROOM


def result(report: Path | str, student: str) -> dict:
    """The reporter's input for one student of a report.

    Args:
        report: path of the folder that `course grade --out` wrote.
        student: as in grades.csv.

    Returns:
        A dict for JSON.

    Raises:
        ValueError: there is no such student, or the grader itself failed on an exercise.
    """
    with (Path(report) / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["student"] == student]
    if not rows:
        raise ValueError(CLASSROOM["no_student"].format(student=student, report=report))
    if not all(row["points"] for row in rows):
        raise ValueError(CLASSROOM["not_run"])
    tests = [_test(row) for row in rows]
    status = "pass" if all(test["status"] == "pass" for test in tests) else "fail"
    return {"version": 1, "status": status, "max_score": sum(int(row["max_points"]) for row in rows), "tests": tests}


def _test(row):
    points = float(row["points"])
    return {
        "name": f"{row['chapter']}: {row['exercise']}",
        "status": "pass" if points >= float(row["max_points"]) else "fail",
        "score": int(points) if points.is_integer() else points,
        "message": row["hint"],
    }


def main(arguments: Sequence[str]) -> int:
    """Print a step's output, or say on stderr why there is none."""
    try:
        document = result(*arguments)
    except (OSError, ValueError, TypeError) as error:
        print(CLASSROOM["usage"] if isinstance(error, TypeError) else error, file=sys.stderr)
        return 1
    print(f"result={base64.b64encode(json.dumps(document).encode()).decode()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
