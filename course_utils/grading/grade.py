"""Grades a folder of submissions: find, read, run in a sandbox, judge here, write the report."""

import contextlib
import importlib.metadata
import os
import platform
import re
import secrets
import sys
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from course_utils.checking.judge import Verdict, judge
from course_utils.exercises import chapters as all_chapters
from course_utils.exercises import exercise
from course_utils.grading import gradebook, reports, submissions
from course_utils.grading import overrides as by_hand
from course_utils.grading.answers import Code, is_stub
from course_utils.grading.changes import in_words
from course_utils.grading.handed_in import Sources
from course_utils.grading.isolation import LEVELS
from course_utils.grading.messages import FALLBACK, NEXT_STEPS, NOT_CONTAINED, REFUSALS, SENTENCES
from course_utils.grading.rows import Row
from course_utils.grading.sandbox import MEMORY_ERRORS, Lost, Sandbox, works

DONE, FAILED, WRONG_USAGE = 0, 1, 2  # exit codes
PATIENCE = 3  # cells of one notebook that may hang or crash while they are loaded; then the rest is given up
PACKAGES = ("course-utils", "numpy", "tensorflow", "tensorflow-cpu", "keras")


class Refused(Exception):
    """The command can't be carried out as it was given; the message is a sentence for the teacher."""


@dataclass(frozen=True)
class Terms:
    """What holds for every submission of a run: the seed of the drawn inputs, the timeout, the level of isolation."""

    seed: int
    timeout: float
    isolation: str
    root: Path
    hidden: tuple[Path, ...] = ()


def grade(submitted, out, *, jobs=None, timeout=10.0, isolation="auto", overrides=None, nbgrader=None):
    """Grade every submission and write the report.

    Args:
        submitted: path of the folder of submissions, see `submissions.find`.
        out: path of the folder for the report; a new one, an empty one, or an earlier report, which is replaced.
        jobs: int, how many submissions run side by side; without it, one for each processor.
        timeout: float, seconds for one exercise. Starting a process and executing the cells is not part of it.
        isolation: "auto", "bubblewrap" or "process".
        overrides: path of a file of a teacher's own marks; without it, `overrides.csv` in `out` where there is one.
        nbgrader: path of an nbgrader course's folder, whose gradebook gets the marks; or None.

    Returns:
        0, or 1 where the grader itself failed on a row (`not_run`), or 2 where nothing could be graded at all.
    """
    submitted, out = Path(submitted), Path(out)
    try:
        if nbgrader:
            gradebook.require(nbgrader)
        found = _found(submitted)
        _refuse_foreign(out, submitted)
        marks = _marks_by_hand(overrides, out, found)
        terms = Terms(secrets.randbelow(2**32), timeout, choose(isolation), submitted, (submitted, out))
        run = _run(terms, isolation, found)
        _begin(out, run)
    except (Refused, gradebook.Unusable) as refusal:
        print(refusal, file=sys.stderr)
        return WRONG_USAGE
    for sentence in found.warnings:
        print(f"Warning: {sentence}", file=sys.stderr)
    rows, failures = grade_all(found, terms, jobs=jobs or _processors())
    rows = by_hand.apply(rows, marks)
    run |= {"rows": reports.count(rows), "failures": failures, "finished": True}
    changed = reports.write(out, rows, found.chapters, run, sources=Sources(found, submitted))
    print(reports.summary(run))
    if changed is not None:
        print(in_words(changed))
    if nbgrader:
        failures += _to_gradebook(nbgrader, rows, found, changed or ())
    print(f"Report: {out / 'index.html'}, {out / 'grades.csv'}, {out / 'totals.csv'}")
    for failure in failures:
        print(f"The grader itself failed: {failure}", file=sys.stderr)
    return FAILED if failures else DONE


def _to_gradebook(course, rows, found, changed):
    """Hand the marks to nbgrader; returns what failed, a list of sentences."""
    taken_back = {(c.student, c.exercise): c.before.points for c in changed if c.before.reason and not c.after.reason}
    try:
        print(gradebook.export(course, rows, found.notebooks, taken_back=taken_back))
    except gradebook.Unusable as failure:
        return [str(failure)]
    return []


def grade_all(found, terms, *, jobs):
    """Grade side by side.

    Returns:
        `(rows, failures)`: a list of `Row`, students sorted and exercises in the course's order, and the grader's own
        failures, a list of sentences.
    """
    tasks = [(student, chapter) for student in found.students for chapter in found.chapters]
    paths = [found.notebooks.get(task) for task in tasks]
    with _streams_and_filters_kept(), _threads(jobs) as pool:
        results = list(pool.map(grade_notebook, paths, [chapter for _, chapter in tasks], [terms] * len(tasks)))
    rows, failures = [], []
    for (student, chapter), (verdicts, failure) in zip(tasks, results, strict=True):
        rows += [Row(student, chapter, verdict) for verdict in verdicts]
        failures += [f"{submissions.shown(student)}, {chapter}: {failure}"] if failure else []
    return rows, failures


def grade_notebook(path, chapter, terms):
    """Grade one student's notebook of a chapter; the unit of work that may run anywhere.

    Args:
        path: of the notebook, or None where it was not handed in.
        chapter: its name.
        terms: the run's `Terms`.

    Returns:
        `(verdicts, failure)`: a `Verdict` for each exercise of the chapter, in order, and what failed in the grader, or "".
    """
    specs = [exercise(name) for name in all_chapters()[chapter]]
    if path is None:
        return [_no_answer(spec, "not_handed_in") for spec in specs], ""
    try:
        return _grade_cells(submissions.read(path, terms.root), specs, terms)
    except submissions.Unreadable as reason:
        return [_unreadable(spec, reason) for spec in specs], ""
    except Exception as error:  # noqa: BLE001 - a failure of ours must not become a mark, nor end the others
        return [_not_run(spec) for spec in specs], _failure(error)


def choose(asked):
    """The level of isolation to use; for "auto" the strongest that works, with a line that says what it lacks.

    Raises:
        Refused: the level that was asked for does not work here.
    """
    if asked not in ("auto", *LEVELS):
        raise Refused(REFUSALS["unknown_isolation"].format(asked=asked, levels=", ".join(("auto", *LEVELS))))
    if asked != "auto":
        reason = works(asked)
        if reason:
            raise Refused(REFUSALS[f"no_{asked}"].format(reason=reason))
        return asked
    reason = works("bubblewrap")
    if not reason:
        return "bubblewrap"
    level = choose("process")
    print(FALLBACK.format(reason=reason, not_contained=NOT_CONTAINED[level]))
    return level


class Rehearsal:
    """A notebook's code in a sandbox, started anew after each loss, without the cells that can't be loaded."""

    def __init__(self, code, specs, terms):
        self.code, self.terms = code, terms
        self.lost = {}  # number of a cell -> the `Lost` that happened while it was loaded
        self.given_up = None
        self._sandbox, self._open = None, contextlib.ExitStack()
        self._answers = {}
        for spec in specs:
            self._answers.setdefault(code.answers[spec.name].cell, []).append(spec.name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._close()

    def verdict(self, spec):
        """Judge an answer that is one, by calling it."""
        cell = self.code.answers[spec.name].cell
        try:
            sandbox = self._loaded()
            if cell in self.lost:
                raise self.lost[cell]
            error = sandbox.errors.get(cell)
            if error and spec.name in error["unbound"]:
                return _cell_raised(spec, cell, error)
            return self._noting_losses(judge(spec, partial(sandbox.call, spec.name), self.terms.seed))
        except Lost as lost:
            if cell not in self.lost:
                self._close()
            return Verdict(spec.name, lost.status, 0, spec.points, lost.message, NEXT_STEPS[lost.status])

    def _loaded(self):
        while self._sandbox is None:
            if self.given_up:
                raise self.given_up
            try:
                self._sandbox = self._start()
            except Lost as lost:
                self.lost[lost.cell] = lost
                if lost.cell is None or len(self.lost) >= PATIENCE:
                    self.given_up = lost
        return self._sandbox

    def _start(self):
        cells = [cell for cell in self.code.cells if cell.number not in self.lost]
        timeout, isolation, hidden = self.terms.timeout, self.terms.isolation, self.terms.hidden
        sandbox = Sandbox(cells, answers=self._answers, timeout=timeout, isolation=isolation, hidden=hidden)
        return self._open.enter_context(sandbox)

    def _close(self):
        self._open.close()
        self._sandbox = None

    def _noting_losses(self, verdict):
        """A failure may come from a cell that was left out: say so."""
        if verdict.passed or not self.lost:
            return verdict
        cell, lost = next(iter(self.lost.items()))
        message = SENTENCES["left_out"].format(message=verdict.message, cell=cell, reason=lost.message)
        return replace(verdict, message=message)


def _grade_cells(cells, specs, terms):
    code, failure = Code(cells), ""
    verdicts = {spec.name: _by_reading(code, spec) for spec in specs}
    open_specs = [spec for spec in specs if verdicts[spec.name] is None]
    with Rehearsal(code, open_specs, terms) as rehearsal:
        for spec in open_specs:
            try:
                verdicts[spec.name] = rehearsal.verdict(spec)
            except Exception as error:  # noqa: BLE001 - a failure of ours must not become a mark
                verdicts[spec.name], failure = _not_run(spec), f"{spec.name}: {_failure(error)}"
    return [verdicts[spec.name] for spec in specs], failure


def _by_reading(code, spec):
    """The verdict that the source alone decides, or None where the answer has to be called."""
    try:
        if spec.name not in code.answers:
            return _no_answer(spec, "not_defined")
        if is_stub(code.answers[spec.name].statement):
            return _no_answer(spec, "stub")
        return code.refusal(spec)
    except RecursionError:
        return _unreadable(spec, "its code is nested too deeply")


def _no_answer(spec, why):
    message = SENTENCES[why].format(name=spec.name)
    return Verdict(spec.name, "missing", 0, spec.points, message, NEXT_STEPS.get(why, ""))


def _unreadable(spec, reason):
    message = SENTENCES["unreadable"].format(reason=reason)
    return Verdict(spec.name, "unreadable", 0, spec.points, message, NEXT_STEPS["unreadable"])


def _not_run(spec):
    return Verdict(spec.name, "not_run", None, spec.points, SENTENCES["not_run"], NEXT_STEPS["not_run"])


def _failure(error):
    """A failure of ours in one line, for `run.json`: what, and where in the code, without this machine's folders."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({place.filename}, line {place.lineno})"
    return re.sub(r"(?:/[^/\s:'\"]+)*/(?=[^/\s])", "", " ".join(text.split()))


def _cell_raised(spec, cell, error):
    status = "memory" if error["error"] in MEMORY_ERRORS else "raised"
    sentence = SENTENCES["cell_raised_at" if error["line"] else "cell_raised"]
    message = sentence.format(cell=cell, name=spec.name, **error)
    return Verdict(spec.name, status, 0, spec.points, message, NEXT_STEPS[status])


def _found(submitted):
    if not submitted.is_dir():
        raise Refused(REFUSALS["no_folder"].format(path=submitted))
    found = submissions.find(submitted, tuple(all_chapters()))
    if not found.chapters:
        sentence = REFUSALS["no_notebooks"].format(path=submitted, chapter=next(iter(all_chapters())))
        raise Refused(" ".join([sentence, *found.warnings[:3]]))
    return found


def _marks_by_hand(path, out, found):
    """The teacher's own marks, out of the file that was named or the one in the report's folder."""
    kept = out / by_hand.FILE
    if path is None and not kept.exists():
        return {}
    names = [name for chapter in found.chapters for name in all_chapters()[chapter]]
    try:
        return by_hand.read(Path(path or kept), found.students, names)
    except by_hand.Faulty as fault:
        raise Refused(str(fault)) from fault


def _refuse_foreign(out, submitted):
    """Protect what is not ours: only a new folder, an empty one or an earlier report is written to."""
    if out.exists() and not out.is_dir():
        raise Refused(REFUSALS["out_is_file"].format(path=out))
    if out.resolve().is_relative_to(submitted.resolve()):
        raise Refused(REFUSALS["out_inside"].format(path=out))
    if out.is_dir() and any(out.iterdir()) and reports.read_run(out) is None:
        raise Refused(REFUSALS["out_foreign"].format(path=out))


def _begin(out, run):
    """Mark the folder as a report before the long work, which also shows early that it can be written."""
    try:
        reports.write_run(out, run | {"finished": False, "files": reports.written_before(out)})
    except OSError as error:
        raise Refused(REFUSALS["out_unwritable"].format(path=out, reason=error.strerror)) from error


def _run(terms, asked, found):
    return {
        "seed": terms.seed,
        "isolation": {"used": terms.isolation, "asked": asked, "not_contained": NOT_CONTAINED[terms.isolation]},
        "timeout_seconds": terms.timeout,
        "versions": _versions(),
        "students": len(found.students),
        "chapters": list(found.chapters),
        "warnings": list(found.warnings),
    }


def _versions():
    versions = {"python": platform.python_version(), "system": platform.system()}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


@contextlib.contextmanager
def _streams_and_filters_kept():
    """Put stdout, stderr and the filters of warnings back, in whatever order the threads have left them.

    `observe` exchanges them while the judge tries misconceptions, for the whole process; several threads do so at a time.
    """
    with contextlib.redirect_stdout(sys.stdout), contextlib.redirect_stderr(sys.stderr), warnings.catch_warnings():
        yield


@contextlib.contextmanager
def _threads(jobs):
    """A pool that, when the run is interrupted, starts nothing more."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
