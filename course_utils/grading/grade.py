"""Grades a folder of submissions: find them, read them, have them run and judged, write the report."""

import contextlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from course_utils.exercises import chapters as all_chapters
from course_utils.grading import archives, discovery, notebook, submissions
from course_utils.grading import overrides as by_hand
from course_utils.grading.engines import Here
from course_utils.grading.export import nbgrader_gradebook
from course_utils.grading.files import UNFINISHED, shown
from course_utils.grading.grading_messages import CONTINUING, FALLBACK, NOT_CONTAINED, REFUSALS, RUN, WEAKER_THERE
from course_utils.grading.leftovers import take_away
from course_utils.grading.marks import Row
from course_utils.grading.notebook import NotebookTask, Terms
from course_utils.grading.notebook_files import Unreadable
from course_utils.grading.progress_bar import progress
from course_utils.grading.report import report_files
from course_utils.grading.report.changes import in_words
from course_utils.grading.sandbox.bubblewrap import LEVELS
from course_utils.grading.sandbox.isolation import opened
from course_utils.grading.sandbox.pool import ForkPool, OneByOne
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.store import FILE, Store, Unwritable, fingerprint, open_store, task_digest, writing
from course_utils.grading.submitted_code import Sources
from course_utils.grading.terminal import say

DONE, FAILED, WRONG_USAGE = 0, 1, 2  # exit codes
PRELOADED = ("tensorflow", "keras")  # imported once, before forking; they start no threads
PACKAGES = ("course-utils", "numpy", "tensorflow", "tensorflow-cpu", "keras")


class Refused(Exception):
    """The command can't be carried out as given; the message is a sentence for the teacher."""


def grade(
    submitted: Path | str,
    out: Path | str,
    *,
    jobs: int | None = None,
    timeout: float = 10.0,
    isolation: str = "auto",
    overrides: Path | str | None = None,
    nbgrader: Path | str | None = None,
    scheduler: str | None = None,
    chapters: Sequence[str] = (),
) -> int:
    """Grade every submission and write the report.

    A stopped run resumes when it is started again with the same report folder.

    Args:
        submitted: path of the folder of submissions, see `discovery.find`.
        out: path of the report's folder: new, empty, or an earlier report, which is replaced.
        jobs: how many submissions run at the same time; by default one per processor.
        timeout: seconds of processor time for one exercise, see `SubmissionTimeLimit`. Starting a process and executing the
            cells do not count.
        isolation: "auto", "bubblewrap" or "process".
        overrides: path of a file with marks that a teacher sets by hand; by default `overrides.csv` in `out`, if it exists.
        nbgrader: path of an nbgrader course's folder, whose gradebook receives the marks; or None.
        scheduler: address of a Dask scheduler whose workers do the grading; or None.
        chapters: those to grade, such as "02_sigmoid"; by default every chapter that anybody handed in.

    Returns:
        0; 1 if the grader itself failed on a row (`not_run`); 2 if nothing could be graded at all.
    """
    with contextlib.ExitStack() as held:
        try:
            return _grade(
                Path(submitted), Path(out), held, overrides, nbgrader, scheduler, tuple(chapters),
                jobs=jobs, timeout=timeout, isolation=isolation,
            )  # fmt: skip
        except Unwritable as reason:
            say(REFUSALS["stopped"].format(path=out, reason=reason), sys.stderr)
        except KeyboardInterrupt:
            say(REFUSALS["interrupted"].format(path=out), sys.stderr)
        return FAILED


def _grade(submitted, out, held, overrides, nbgrader, scheduler, asked, *, jobs, timeout, isolation):
    with contextlib.ExitStack() as stack:
        try:
            if nbgrader:
                nbgrader_gradebook.require(nbgrader)
            found = _found(submitted, asked)
            _refuse_foreign(out, submitted)
            marks, taken_for = _marks_by_hand(overrides, out, found)
            found = replace(found, warnings=(*found.warnings, *taken_for))
            preload = submissions.mentioned(found, submitted, PRELOADED)
            if scheduler:
                engine = stack.enter_context(_cluster(scheduler, isolation, preload))
            else:
                processes = stack.enter_context(chosen(isolation, (submitted, out), preload))
                engine = Here(processes, jobs or _processors())
            run, store = _begin(out, _run(found, timeout, isolation, engine), held)
        except (Refused, nbgrader_gradebook.Unusable) as refusal:
            say(refusal, sys.stderr)
            return WRONG_USAGE
        for sentence in found.warnings:
            say(RUN["warning"].format(warning=sentence), sys.stderr)
        rows, failures = grade_all(found, submitted, Terms(run["seed"], timeout), engine, store)
    rows = by_hand.apply(rows, marks)
    run |= {"rows": report_files.count(rows), "failures": failures, "finished": True}
    with writing():
        changed = report_files.write(
            out, rows, found.chapters, run, store, sources=Sources(found, submitted), owners=found.owners
        )
    told = [_to_gradebook(nbgrader, rows, found, changed or (), failures)] if nbgrader else []
    say(report_files.summary(run))
    for words in [*([in_words(changed)] if changed is not None else []), *filter(None, told)]:
        say(words)
    say(RUN["report"].format(files=", ".join(str(out / name) for name in ("index.html", "grades.csv", "totals.csv"))))
    for failure in failures:
        say(RUN["failed"].format(failure=failure), sys.stderr)
    return FAILED if failures else DONE


def _to_gradebook(course, rows, found, changed, failures):
    """Hand the marks to nbgrader; returns a message for the teacher and appends to the failures."""
    taken_back = {(c.student, c.exercise): c.before.points for c in changed if c.before.reason and not c.after.reason}
    try:
        return nbgrader_gradebook.export(course, rows, found.notebooks, taken_back=taken_back)
    except nbgrader_gradebook.Unusable as failure:
        failures.append(str(failure))
        return ""


def grade_all(
    found: discovery.HandedIn, root: Path, terms: Terms, engine: Here, store: Store
) -> tuple[list[Row], list[str]]:
    """Grade in parallel what was handed in, reusing the results of a stopped run.

    Args:
        found: `discovery.HandedIn`.
        root: path of the folder of submissions.
        terms: the run's `Terms`.
        engine: what does the work, such as `engines.Here`.
        store: the open `Store`.

    Returns:
        `(rows, failures)`: a list of `Row`, students sorted and exercises in the course's order, and the grader's own
        failures, a list of sentences.
    """
    places = [(student, chapter) for student in found.students for chapter in found.chapters]
    if store.kept:
        say(CONTINUING.format(done=len(store.kept), all=len(places)))

    def work(place):
        task = _task(found, place, root)
        key = (*place, task_digest(task))
        return key, store.kept.get(key) or engine.grade(task, terms)

    graded = {}
    with _threads(engine) as pool:
        futures = {pool.submit(work, place): place for place in places}
        for future in as_completed(futures):
            key, graded[futures[future]] = future.result()
            store.keep(key, graded[futures[future]])
            progress(len(graded), len(places))
    return _rows(places, graded)


def _task(found, place, root):
    student, chapter = place
    path = found.notebooks.get(place)
    if path is None:
        return NotebookTask(
            chapter, None, failure=found.closed.get(student, ""), unread=found.unread_for(student, chapter)
        )
    others = [(o.name, o.exercises, _read(chapter, o.path, o.helpers, root)) for o in found.elsewhere.get(place, ())]
    return replace(_read(chapter, path, found.helpers.get(place, {}), root), elsewhere=tuple(others))


def _read(chapter, path, helpers, root):
    """A notebook's task."""
    try:
        cells = submissions.read(path, root)
        misplaced = submissions.misplaced(path, root, cells, all_chapters()[chapter])
        return NotebookTask(chapter, cells, misplaced=misplaced, files=tuple(helpers.items()))
    except submissions.ChapterHandedIn:
        return NotebookTask(chapter, None, is_chapter=True)
    except Unreadable as reason:
        return NotebookTask(chapter, None, str(reason))
    except Exception as error:  # noqa: BLE001 - the grader's failure must not become a mark, nor stop the others
        return NotebookTask(chapter, None, failure=notebook.failure(error))


def _rows(places, graded):
    rows, failures = [], []
    for student, chapter in places:
        one = graded[student, chapter]
        rows += [Row(student, chapter, *pair) for pair in zip(one.verdicts, one.notes, strict=True)]
        failures += [f"{shown(student)}, {chapter}: {one.failure}"] if one.failure else []
    return rows, failures


@contextlib.contextmanager
def chosen(asked: str, hidden: Iterable[Path] = (), preload: Iterable[str] = ()) -> Iterator[ForkPool | OneByOne]:
    """A context manager for the place where submissions run, at the requested isolation level.

    For "auto" it is the strongest level that works, with a line that says what it does not contain.

    Raises:
        Refused: the requested level does not work here.
    """
    if asked not in ("auto", *LEVELS):
        raise Refused(REFUSALS["unknown_isolation"].format(asked=asked, levels=", ".join(("auto", *LEVELS))))
    level = LEVELS[0] if asked == "auto" else asked
    with contextlib.ExitStack() as stack:
        try:
            processes = stack.enter_context(opened(level, hidden, preload))
        except CannotStart as reason:
            if asked != "auto":
                raise Refused(REFUSALS[f"no_{level}"].format(reason=reason)) from None
            processes = stack.enter_context(chosen("process", hidden, preload))
            say(FALLBACK.format(reason=reason, not_contained=NOT_CONTAINED["process"]))
        yield processes


@contextlib.contextmanager
def _cluster(address, isolation, preload):
    """A context manager for a Dask cluster as the engine."""
    try:
        from course_utils.grading.dask_cluster import NoCluster, connected
    except ImportError:
        raise Refused(REFUSALS["no_dask"]) from None
    with contextlib.ExitStack() as stack:
        try:
            engine = stack.enter_context(connected(address, isolation, preload))
        except NoCluster as reason:
            raise Refused(REFUSALS[str(reason)].format(address=address)) from None
        except CannotStart as reason:
            raise Refused(REFUSALS["no_isolation_there"].format(address=address, reason=reason)) from None
        if engine.isolation != LEVELS[0]:
            say(WEAKER_THERE.format(level=engine.isolation, not_contained=NOT_CONTAINED[engine.isolation]))
        yield engine


def _found(submitted, asked):
    for chapter in asked:
        if chapter not in all_chapters():
            raise Refused(REFUSALS["unknown_chapter"].format(asked=chapter, chapters=", ".join(all_chapters())))
    if not (submitted.is_dir() or (archives.ZIP.search(submitted.name) and submitted.is_file())):
        raise Refused(REFUSALS["no_submissions" if submitted.exists() else "no_folder"].format(path=submitted))
    try:
        found = discovery.find(submitted, tuple(all_chapters()), asked)
    except OSError as error:
        raise Refused(REFUSALS["closed"].format(path=submitted, reason=error.strerror)) from error
    if not found.chapters or (asked and not found.students):
        sentence = REFUSALS["no_notebooks"].format(path=submitted, chapter=next(iter(all_chapters())))
        raise Refused(" ".join([sentence, *found.warnings[:3]]))
    return found


def _marks_by_hand(path, out, found):
    """The marks set by hand, from the file that was named or the one in the report's folder."""
    kept = out / by_hand.FILE
    if path is None and not kept.exists():
        return {}, []
    names = [name for chapter in found.chapters for name in all_chapters()[chapter]]
    taken_for = []
    try:
        return by_hand.read(Path(path or kept), found.students, names, taken_for), taken_for
    except by_hand.InvalidOverrides as fault:
        raise Refused(str(fault)) from fault


def _refuse_foreign(out, submitted):
    """Refuse to write anywhere but into a new folder, an empty one or an earlier report."""
    if out.exists() and not out.is_dir():
        raise Refused(REFUSALS["out_is_file"].format(path=out))
    if out.resolve().is_relative_to(submitted.resolve()):
        raise Refused(REFUSALS["out_inside"].format(path=out))
    begun = (FILE, UNFINISHED)  # what a run that was killed early leaves
    if out.is_dir() and not report_files.read_run(out) and any(not p.name.startswith(begun) for p in out.iterdir()):
        raise Refused(REFUSALS["out_foreign"].format(path=out))


def _begin(out, run, held):
    """Mark the folder as a report before the long work, which also shows early whether it is writable.

    Returns:
        `(run, store)`: the run with its seed, and its open `Store`.
    """
    terms = {name: run[name] for name in ("isolation", "timeout_seconds", "versions")} | {"code": fingerprint()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        store = held.enter_context(open_store(out, terms))
        take_away(out)
        run = {"seed": store.seed, **run}
        report_files.write_run(out, run | {"finished": False, "files": report_files.written_before(out)})
    except BlockingIOError:
        raise Refused(REFUSALS["busy"].format(path=out)) from None
    except (OSError, Unwritable) as error:
        raise Refused(REFUSALS["out_unwritable"].format(path=out, reason=getattr(error, "strerror", error))) from error
    return run, store


def _run(found, timeout, asked, engine):
    level = engine.isolation
    return {
        "isolation": {"used": level, "asked": asked, "not_contained": NOT_CONTAINED[level]},
        "processes": RUN["forked" if engine.warm else "one_by_one"],
        "timeout_seconds": timeout,
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
def _threads(engine):
    """A thread pool that, when the run is interrupted, starts nothing further and ends what is running."""
    pool = ThreadPoolExecutor(engine.jobs)
    try:
        yield pool
    except BaseException:
        engine.stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
