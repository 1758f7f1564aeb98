"""Writes the report: tables, the class's page, each student's page, and how the run was made.

Each file is written under a temporary name and then renamed, so none is ever half written. `run.json` lists them.
"""

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from course_utils.grading.export import csv_tables, gradescope
from course_utils.grading.files import file_name, shown, write_file
from course_utils.grading.grading_messages import WARNINGS
from course_utils.grading.marks import Row, by_student
from course_utils.grading.notebook import failure
from course_utils.grading.platforms import Owner
from course_utils.grading.report import changes, similarity
from course_utils.grading.report.class_page import index_html, summary
from course_utils.grading.report.student_page import feedback_html
from course_utils.grading.store import Store
from course_utils.grading.submitted_code import Sources, digest, own_code

__all__ = ["count", "read_run", "summary", "write", "write_run", "written_before"]
RUN = "run.json"
MADE_BY = "course grade"
PER_STUDENT = re.compile(r"feedback/[^/\\]+\.html|gradescope/[^/\\]+\.json")


@dataclass
class Seen:
    """What is collected from the submissions' code while the students' pages are written."""

    digests: dict = field(default_factory=dict)
    prints: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)


def write(
    out: Path,
    rows: Sequence[Row],
    chapters: Sequence[str],
    run: dict,
    store: Store,
    *,
    sources: Sources | None = None,
    owners: Mapping[str, Owner] | None = None,
) -> list[changes.Change] | None:
    """Write the whole report, and delete the pages of students who were in the previous report only.

    Args:
        out: path of the report's folder, which exists.
        rows: list of `Row`, in table order.
        chapters: the graded chapters, in the course's order.
        run: the content of `run.json` apart from the list of files, a dict.
        store: the report's open `Store`, which is finished at the end.
        sources: the `Sources` of the answers' code, or None.
        owners: student -> `Owner`, their identity on the platform that the files came from.

    Returns:
        A list of `changes.Change` since the previous report; None if there was none.
    """
    old, before, seen = written_before(out), changes.comparable(store.last_report), Seen()
    written = [_write(out, *file) for file in _for_students(rows, sources or Sources(), seen)]
    record = changes.record(rows, seen.digests, run)
    changed = None if before is None else changes.differences(before, record, rows)
    run = run | {"warnings": [*run.get("warnings", ()), *seen.warnings]}
    written += [_write(out, *file) for file in _for_class(rows, chapters, run, changed, seen, owners or {})]
    for name in set(old) - set(written):
        with contextlib.suppress(
            FileNotFoundError
        ):  # the name as bytes, since it may have been written in another locale
            os.unlink(os.path.join(os.fsencode(out), name.encode("utf-8", "surrogateescape")))
    write_run(out, run | {"files": sorted(written)})
    store.finish(record)
    return changed


def _for_students(rows, sources, seen):
    """Write each student's files in turn, so that a large class's pages are not all in memory at once."""
    for student, own in by_student(rows).items():
        answers = {}
        try:
            codes = {chapter: sources.code(student, chapter) for chapter in dict.fromkeys(row.chapter for row in own)}
            others = {chapter: sources.elsewhere(student, chapter) for chapter in codes}
            for chapter, code in codes.items():
                seen.digests[student, chapter] = digest(code, *(other for _, other in others[chapter]))
            answers = {row.verdict.exercise: own_code(codes[row.chapter], row.verdict.exercise) for row in own}
            for names, code in (one for of in others.values() for one in of):
                answers |= {name: answers[name] or own_code(code, name) for name in names if name in answers}
            seen.prints[student] = {name: similarity.fingerprint(answer) for name, answer in answers.items()}
        except Exception as error:  # noqa: BLE001 - one student's code must not stop the report
            seen.warnings.append(WARNINGS["code_not_shown"].format(student=shown(student), reason=failure(error)))
        for name, made in {
            f"feedback/{file_name(student)}.html": partial(_page, student, own, answers, seen),
            f"gradescope/{file_name(student)}.json": partial(gradescope.results, own),
        }.items():
            try:
                text = made()
            except Exception as error:  # noqa: BLE001 - as above; the tables have the marks
                seen.warnings.append(WARNINGS["no_page"].format(file=name, reason=failure(error)))
            else:
                yield name, text


def _page(student, own, answers, seen):
    """A student's page; if that fails, without their code, and then without pictures."""
    plain = [replace(row, verdict=replace(row.verdict, curve=None)) for row in own]
    try:
        return feedback_html(student, own, answers)
    except Exception as error:  # noqa: BLE001 - one student's page must not stop the report
        seen.warnings.append(WARNINGS["code_not_shown"].format(student=shown(student), reason=failure(error)))
        return feedback_html(student, plain, {})


def _for_class(rows, chapters, run, changed, seen, owners):
    """Write the tables and the class's page."""
    yield "grades.csv", csv_tables.grades_csv(rows)
    yield "totals.csv", csv_tables.totals_csv(rows, chapters)
    yield "misconceptions.csv", csv_tables.misconceptions_csv(rows)
    yield "canvas.csv", csv_tables.canvas_csv(rows, chapters, owners)
    yield "moodle.csv", csv_tables.moodle_csv(rows, chapters)
    yield "students.csv", csv_tables.students_csv(rows, owners)
    if worksheet := csv_tables.moodle_worksheet_csv(rows, owners):
        yield "moodle_worksheet.csv", worksheet
    if changed is not None:
        yield "changes.csv", changes.changes_csv(changed)
    yield "index.html", index_html(rows, run, changes=changed, alike=similarity.sentences(seen.prints))


def _write(out, name, text):
    write_file(out / name, text)
    return name


def write_run(out: Path, run: dict) -> None:
    """Write `run.json`, which also marks the folder as a report."""
    write_file(out / RUN, json.dumps({"made_by": MADE_BY, **run}, indent=1, ensure_ascii=False) + "\n")


def written_before(out: Path) -> list[str]:
    """The per-student files of the report in `out`, or [] if there is none."""
    files = (read_run(out) or {}).get("files", [])
    return [name for name in files if isinstance(name, str) and PER_STUDENT.fullmatch(name)]


def read_run(out: Path) -> dict | None:
    """The `run.json` in a folder, or None if the folder is not a report."""
    try:
        run = json.loads((out / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return run if isinstance(run, dict) and run.get("made_by") == MADE_BY else None


def count(rows: Sequence[Row]) -> dict[str, int]:
    """Status -> number of rows, the most frequent first."""
    return dict(sorted(Counter(row.verdict.status for row in rows).items(), key=lambda pair: (-pair[1], pair[0])))
