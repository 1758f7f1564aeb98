"""Compares a report with the previous one: which marks changed, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from course_utils import checking, exercises
from course_utils.exercises import exercise
from course_utils.grading.files import Name, csv_text, shown
from course_utils.grading.grading_messages import CHANGES
from course_utils.grading.marks import Row, shown_points
from course_utils.texts import ngettext

HEAD = ("student", "exercise", "status_before", "points_before", "status_now", "points_now", "why")
TERMINAL = 10  # changes listed on the terminal


@dataclass(frozen=True)
class Mark:
    """A mark in a report: status, points (None if not run), and a teacher's reason or ""."""

    status: str
    points: float | None
    reason: str = ""

    def __str__(self):
        if not self.status:
            return ""
        words = f"{self.status}, {shown_points(self.points) or CHANGES['open']}"
        return f"{words} ({CHANGES['by_hand']})" if self.reason else words


NOTHING = Mark("", None)


@dataclass(frozen=True)
class Change:
    """A mark that changed, and why; with exercise "", news about a student that changed no mark."""

    student: str
    exercise: str
    before: Mark
    after: Mark
    why: str


def record(rows: Sequence[Row], digests: Mapping[tuple[str, str], str], run: dict) -> dict:
    """What the next report needs to know about this one, a document of JSON types.

    Args:
        rows: list of `Row`.
        digests: (student, chapter) -> `submitted_code.digest` of what was handed in.
        run: the content of `run.json`.
    """
    marks = {}
    for row in rows:
        v, reason = row.verdict, row.override.reason if row.override else ""
        marks.setdefault(row.student, {})[v.exercise] = [v.status, row.points, reason]
    handed_in = {}
    for (student, chapter), text in digests.items():
        handed_in.setdefault(student, {})[chapter] = text
    names = dict.fromkeys(row.verdict.exercise for row in rows)
    terms = {name: run.get(name) for name in ("seed", "timeout_seconds", "versions")}
    level = run["isolation"]["used"]
    return {
        **terms,
        "isolation": level,
        "checker": checker_digest(),
        "exercises": {name: exercise_digest(name) for name in names},
        "handed_in": handed_in,
        "marks": marks,
    }


def differences(before: dict, now: dict, rows: Sequence[Row]) -> list[Change]:
    """The `Change`s between two records: marks in row order, then students who joined, left or resubmitted."""
    found = []
    for row in rows:
        name = row.verdict.exercise
        old, new = (_mark(r["marks"].get(row.student, {}).get(name)) for r in (before, now))
        if old and (old.status, old.points) != (new.status, new.points):
            found.append(Change(row.student, name, old, new, _why(before, now, row, old, new)))
    return [*found, *_movements(before, now, found)]


def _movements(before, now, changed):
    students, marks = dict.fromkeys([*now["marks"], *before["marks"]]), {(c.student, c.exercise) for c in changed}
    for student in students:
        if student not in before["marks"] or student not in now["marks"]:
            yield Change(student, "", NOTHING, NOTHING, CHANGES["left" if student in before["marks"] else "joined"])
            continue
        codes = [r["handed_in"].get(student, {}) for r in (before, now)]
        for chapter, code in codes[1].items():
            own = {(student, name) for name in now["marks"][student] if exercise(name).chapter == chapter}
            if code and codes[0].get(chapter) and codes[0][chapter] != code and not own & marks:
                yield Change(student, "", NOTHING, NOTHING, CHANGES["again"].format(chapter=chapter))


def comparable(document: object) -> dict | None:
    """The record if it has the form that `record` produces, else None."""
    kept = {"marks": dict, "handed_in": dict, "exercises": dict, "versions": dict}
    known = isinstance(document, dict) and all(isinstance(document.get(key), kind) for key, kind in kept.items())
    return document if known else None


def changes_csv(changes: Sequence[Change]) -> str:
    """The changed marks as CSV text."""
    return csv_text(HEAD, [
        (Name(c.student), c.exercise, c.before.status, shown_points(c.before.points),
         c.after.status, shown_points(c.after.points), c.why) for c in changes
    ])  # fmt: skip


def in_words(changes: Sequence[Change]) -> str:
    """The changes for the terminal: how many, and the first few."""
    if not changes:
        return CHANGES["none"]
    marks = [change for change in changes if change.exercise]
    some = ngettext(
        "{number} mark changed since the last report:", "{number} marks changed since the last report:", len(marks)
    )
    lines = [some.format(number=len(marks)) if marks else CHANGES["none"]]
    lines += [
        f"  {shown(c.student)}, {c.exercise}: {c.before} -> {c.after}: {c.why}"
        if c.exercise
        else f"  {shown(c.student)}: {c.why}"
        for c in changes[:TERMINAL]
    ]
    rest = len(changes) - TERMINAL
    return "\n".join([*lines, *([CHANGES["more"].format(number=rest)] if rest > 0 else [])])


@cache
def exercise_digest(name: str) -> str:
    """A digest of an exercise's file and of the files that it shares with others of its chapter."""
    folder = Path(exercises.__file__).parent / f"ch{exercise(name).chapter}"
    return _digest([folder / f"{name}.py", *sorted(folder.glob("_[!_]*.py"))])


@cache
def checker_digest() -> str:
    """A digest of the code that judges."""
    return _digest(sorted(Path(checking.__file__).parent.glob("*.py")))


def _digest(paths):
    return sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _mark(kept):
    return Mark(*kept) if isinstance(kept, list) and len(kept) == 3 else None


def _why(before, now, row, old, new):
    """Every known reason, a teacher's first."""
    if new.reason:
        return CHANGES["override"].format(reason=new.reason)
    why = [CHANGES["override_gone"]] if old.reason else []
    codes = [r["handed_in"].get(row.student, {}).get(row.chapter, "") for r in (before, now)]
    if codes[0] != codes[1]:
        why.append(CHANGES["resubmitted" if all(codes) else "handed_in" if codes[1] else "withdrawn"])
    name = row.verdict.exercise
    if before["exercises"].get(name) != now["exercises"][name]:
        why.append(CHANGES["exercise"])
    if "not_run" in (old.status, new.status):
        why.append(CHANGES["failed_before" if old.status == "not_run" else "failed_now"])
    why += _terms(before, now)
    return " ".join(why) if why else CHANGES["drawn"]


def _terms(before, now):
    """Other differences between the runs that may change a mark."""
    if before.get("checker") != now["checker"]:
        yield CHANGES["checker"]
    for name in ("timeout_seconds", "isolation"):
        if before.get(name) != now[name]:
            yield CHANGES[name].format(before=before.get(name), now=now[name])
    for name, version in now["versions"].items():
        if before["versions"].get(name) != version:
            yield CHANGES["version"].format(
                name=name, before=before["versions"].get(name, CHANGES["absent"]), now=version
            )
