"""Grades one notebook: read, run in a sandbox, judge here. The unit of work, which may run on another machine."""

import contextlib
import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from course_utils.checking.forbidden_calls import called, watched_case
from course_utils.checking.judge import judge
from course_utils.checking.look_alikes import look_alike
from course_utils.checking.spec import Exercise
from course_utils.checking.verdict import Reason, Verdict
from course_utils.exercises import chapters as all_chapters
from course_utils.exercises import exercise
from course_utils.grading.answers import Answer, Code, is_stub
from course_utils.grading.grading_messages import NEXT_STEPS, NOTES, SENTENCES
from course_utils.grading.report.source_flags import reaches
from course_utils.grading.sandbox.pool import ForkPool, ForkServerLost, OneByOne
from course_utils.grading.sandbox.session import LOADING, MEMORY_ERRORS, Lost, Sandbox

LOADINGS, SHORTEST = 3, 1.0  # full loading times that one notebook may use up in all; seconds that are left after them
UNANSWERED = (Reason.MISSING, Reason.NOT_DEFINED, Reason.CELL_TYPE)  # another file may answer
PATIENCE = 3  # cells of one notebook that may hang or crash while they are loaded; then the rest is given up


@dataclass(frozen=True)
class Terms:
    """What holds for every submission of a run: the seed of the drawn inputs, and the timeout of an exercise in seconds."""

    seed: int
    timeout: float


@dataclass(frozen=True)
class NotebookTask:
    """A notebook to grade, as plain data.

    Args:
        chapter: its name.
        cells: a sequence of `Cell`, or None where there are none.
        unreadable: why there are none, the end of a sentence; "" where the notebook was not handed in.
        failure: what failed in the grader while it was read, or "".
        unread: the names of the student's other files, where there are no cells, or "".
        is_chapter: whether the notebook is the chapter, in place of its exercises.
        misplaced: (name, cell's number, its type or magic) for each answer in a cell that defines nothing.
        files: (name, text) of each of the student's own files that the cells import.
        elsewhere: (name, exercises, `NotebookTask`) of each other file that answers exercises which this one may leave
            unanswered.
    """

    chapter: str
    cells: tuple | None
    unreadable: str = ""
    failure: str = ""
    unread: str = ""
    is_chapter: bool = False
    misplaced: tuple = ()
    files: tuple = ()
    elsewhere: tuple = ()


@dataclass(frozen=True)
class Graded:
    """What came out.

    Args:
        verdicts: a `Verdict` for each exercise of the chapter, in order.
        notes: for each of them a tuple of sentences for the teacher.
        failure: what failed in the grader, or "".
    """

    verdicts: tuple
    notes: tuple
    failure: str = ""


def specs_of(chapter: str) -> list[Exercise]:
    """The `Exercise`s of a chapter, in order."""
    return [exercise(name) for name in all_chapters()[chapter]]


def grade_notebook(task: NotebookTask, terms: Terms, processes: OneByOne | ForkPool) -> Graded:
    """Grade one student's notebook of a chapter.

    Args:
        task: a `NotebookTask`.
        terms: the run's `Terms`.
        processes: where submissions run: a `ForkPool` or a `OneByOne`.

    Returns:
        A `Graded`.
    """
    specs = specs_of(task.chapter)
    graded = _graded(task, specs, terms, processes)
    for file, names, other in task.elsewhere:
        missing = {verdict.exercise for verdict in graded.verdicts if verdict.reason in UNANSWERED}
        if left := [spec for spec in specs if spec.name in missing.intersection(names)]:
            graded = _filled(graded, _graded(other, left, terms, processes), file)
    return graded


def _filled(graded, other, file):
    """A `Graded` with the verdicts and notes of another file in place of its own."""
    found = {verdict.exercise: (verdict, notes) for verdict, notes in zip(graded.verdicts, graded.notes, strict=True)}
    for verdict, notes in zip(other.verdicts, other.notes, strict=True):
        message = SENTENCES["elsewhere"].format(message=verdict.message, file=file)
        found[verdict.exercise] = (replace(verdict, message=message), notes)
    verdicts, notes = zip(*found.values(), strict=True)
    return Graded(verdicts, notes, graded.failure or other.failure)


def _graded(task, specs, terms, processes):
    """The `Graded` of one file's answers to some exercises."""
    try:
        if task.failure:
            return not_run(specs, task.failure)
        if task.unreadable:
            return _alike(_unreadable(spec, task.unreadable) for spec in specs)
        if task.cells is None:
            why = Reason.CHAPTER if task.is_chapter else Reason.NOT_READ if task.unread else Reason.NOT_HANDED_IN
            return _alike(_no_answer(spec, why, files=task.unread) for spec in specs)
        return _misplaced(_grade_or_again(Code(task.cells, task.files), specs, terms, processes), task.misplaced)
    except Exception as error:  # noqa: BLE001 - a failure of ours must not become a mark, nor end the others
        return not_run(specs, failure(error))


def not_run(specs: Sequence[Exercise], why: str) -> Graded:
    """The `Graded` where the grader itself failed."""
    return replace(_alike(map(_not_run, specs)), failure=why)


def _alike(verdicts):
    verdicts = tuple(verdicts)
    return Graded(verdicts, ((),) * len(verdicts))


def _grade_or_again(code, specs, terms, processes):
    """Where the worker was lost under a submission, once more in a process of its own, where it can take nobody along."""
    try:
        return _grade(code, specs, terms, processes)
    except ForkServerLost:
        if processes.stopped:
            raise
        alone = OneByOne(processes.isolation, processes.hidden, processes.own_users)
        graded = _grade(code, specs, terms, alone)
        return replace(graded, notes=tuple((*notes, NOTES["worker_lost"]) for notes in graded.notes))


class Rehearsal:
    """A notebook's code in a sandbox, started anew after each loss, without the cells that can't be loaded."""

    def __init__(self, code, specs, terms, processes):
        self.code, self.terms, self.processes = code, terms, processes
        self.lost = {}  # number of a cell -> the `Lost` that happened while it was loaded
        self.given_up = None
        self.told = {}  # name of an exercise -> a sentence for the teacher about how it ran
        self._left = LOADINGS * max(LOADING, terms.timeout)  # seconds for all loadings together
        self._tried_again = set()  # names of exercises and numbers of cells
        self._sandbox, self._open = None, contextlib.ExitStack()
        self._answers = {}
        for spec in specs:
            self._answers.setdefault(code.answers[spec.name].cell, []).append(spec.name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._close()

    def verdict(self, spec: Exercise) -> Verdict:
        """Judge an answer that is one, by calling it."""
        cell = self.code.answers[spec.name].cell
        try:
            sandbox = self._loaded()
            if cell in self.lost:
                raise self.lost[cell]
            error = sandbox.errors.get(cell)
            if error and spec.name in error["unbound"]:
                self.told[spec.name] = NOTES["stopped"].format(cell=cell, **error)
                return self._noting_earlier(_cell_raised(spec, cell, error, self.code), cell, sandbox.errors)
            if spec.name not in sandbox.bound and cell in self.code.out_of_sight:
                return _no_answer(spec, Reason.NOT_DEFINED)
            call, calls = partial(sandbox.call, spec.name), partial(sandbox.calls, spec.name)
            verdict = judge(spec, call, self.terms.seed, calls=calls)
            if verdict.passed and spec.refused:
                verdict = self._watched(spec, sandbox) or verdict
            if not sandbox.settled():
                self._close()
            return self._noting_losses(self._noting_errors(verdict, sandbox.errors))
        except Lost as lost:
            if cell not in self.lost:
                self._close()
                if self._may_try_again(lost, spec.name):
                    return self.verdict(spec)
            return Verdict(spec.name, lost.status, 0, spec.points, lost.message, NEXT_STEPS[lost.status])

    def _watched(self, spec, sandbox):
        """The verdict where the answer, whose values are right, is seen to call what is ready-made; or None."""
        try:
            return called(spec, sandbox.recorded_call(spec.name, watched_case(spec), spec.refused))
        except Lost as lost:
            self.told[spec.name] = NOTES["not_watched"].format(reason=lost.message)
            return None

    def _loaded(self):
        while self._sandbox is None:
            if self.given_up:
                raise self.given_up
            try:
                self._sandbox = self._start()
            except Lost as lost:
                if self._may_try_again(lost, lost.cell):
                    continue
                self.lost[lost.cell] = lost
                if lost.cell is None or len(self.lost) >= PATIENCE:
                    self.given_up = lost
        return self._sandbox

    def _start(self):
        left_out = self.lost.keys() | self.code.too_deep  # what nobody has read is not run
        cells = [replace(cell, source="pass") if cell.number in left_out else cell for cell in self.code.cells]
        timeout, loading = self.terms.timeout, min(self._left, max(LOADING, self.terms.timeout))
        sandbox = Sandbox(
            cells,
            answers=self._answers,
            files=self.code.files,
            timeout=timeout,
            loading=loading,
            processes=self.processes,
        )
        try:
            return self._open.enter_context(sandbox)
        finally:
            self._left = max(self._left - sandbox.loaded_in, SHORTEST)

    def _may_try_again(self, lost, what):
        """Once, where the system ended the process: it may have been another one that used up the memory."""
        first = what not in self._tried_again
        self._tried_again.add(what)
        return lost.by_system and first

    def _close(self):
        self._open.close()
        self._sandbox = None

    def _noting_earlier(self, verdict, cell, errors):
        """A name that a cell lacks may be one that an earlier cell should have defined before it stopped."""
        return self._noting_errors(verdict, {number: error for number, error in errors.items() if number < cell})

    def _noting_errors(self, verdict, errors):
        """A function that raises may miss what a cell that stopped should have defined: say so, to the teacher as well."""
        if verdict.status != "raised" or not errors:
            return verdict
        cell, error = min(errors.items())
        self.told[verdict.exercise] = NOTES["stopped"].format(cell=cell, **error)
        sentence = SENTENCES["stopped_at" if error["line"] else "stopped"]
        return replace(verdict, message=sentence.format(message=verdict.message, cell=cell, **error))

    def _noting_losses(self, verdict):
        """A failure may come from a cell that was left out: say so."""
        if verdict.passed or not self.lost:
            return verdict
        cell, lost = next(iter(self.lost.items()))
        message = SENTENCES["left_out"].format(message=verdict.message, cell=cell, reason=lost.message)
        return replace(verdict, message=message)


def _grade(code, specs, terms, processes):
    failed, verdicts = "", {spec.name: _by_reading(code, spec) for spec in specs}
    open_specs = [spec for spec in specs if verdicts[spec.name] is None]
    with Rehearsal(code, open_specs, terms, processes) as rehearsal:
        for spec in open_specs:
            try:
                verdicts[spec.name] = rehearsal.verdict(spec)
            except ForkServerLost:
                raise
            except Exception as error:  # noqa: BLE001 - a failure of ours must not become a mark
                verdicts[spec.name], failed = _not_run(spec), f"{spec.name}: {failure(error)}"
    notes = _notes(code, open_specs)
    for name, sentence in rehearsal.told.items():
        notes[name] = (*notes.get(name, ()), sentence)
    return Graded(
        tuple(verdicts[spec.name] for spec in specs), tuple(notes.get(spec.name, ()) for spec in specs), failed
    )


def _notes(code, specs):
    """What a person should look at: exercise -> sentences. What can't be looked through is itself such a thing."""
    try:
        notes = reaches(code, specs)
    except Exception:  # noqa: BLE001 - the verdicts are given
        notes = {spec.name: (NOTES["not_looked_through"],) for spec in specs}
    if code.too_deep and specs:
        sentence = NOTES["too_deep"].format(cells=", ".join(map(str, sorted(code.too_deep))))
        notes[specs[0].name] = (*notes.get(specs[0].name, ()), sentence)
    return notes


def _by_reading(code, spec):
    """The verdict that the source alone decides, or None where the answer has to be called."""
    try:
        if spec.name not in code.answers and code.out_of_sight:  # running it tells
            code.answers[spec.name] = Answer(max(code.out_of_sight), None)
        if spec.name not in code.answers:
            return _no_answer(spec, Reason.NOT_DEFINED)
        if code.answers[spec.name].cell in code.too_deep:
            return _unreadable(spec, SENTENCES["too_deep"])
        if is_stub(code.answers[spec.name].statement):
            missing = _no_answer(spec, Reason.MISSING)
            if earlier := code.before_the_stub(spec.name):
                words = {"name": spec.name, "answer": earlier, "stub": code.answers[spec.name].cell}
                return replace(missing, message=SENTENCES["replaced"].format(**words), hint=NEXT_STEPS["replaced"])
            return missing
        return code.refusal(spec)
    except (RecursionError, MemoryError):
        return _unreadable(spec, SENTENCES["too_deep"])


def _misplaced(graded, places):
    """The same, with the reason where an answer stands in a cell of another type."""
    where, why = {name: {"cell": number, "type": kind} for name, number, kind in places}, Reason.CELL_TYPE

    def told(verdict: Verdict) -> Verdict:
        if verdict.reason is not Reason.NOT_DEFINED or verdict.exercise not in where:
            return verdict
        place = where[verdict.exercise]
        said = "under_magic" if place["type"].startswith("%%") else why
        message = SENTENCES[said].format(name=verdict.exercise, **place)
        return replace(verdict, message=message, hint=NEXT_STEPS[said], reason=why)

    return replace(graded, verdicts=tuple(map(told, graded.verdicts)))


def _no_answer(spec, why, **fields):
    message = SENTENCES[why].format(name=spec.name, **fields)
    return Verdict(spec.name, "missing", 0, spec.points, message, NEXT_STEPS.get(why, ""), reason=why)


def _unreadable(spec, reason):
    message = SENTENCES["unreadable"].format(reason=reason)
    return Verdict(spec.name, "unreadable", 0, spec.points, message, NEXT_STEPS["unreadable"])


def _not_run(spec):
    return Verdict(spec.name, "not_run", None, spec.points, SENTENCES["not_run"], NEXT_STEPS["not_run"])


def failure(error: BaseException) -> str:
    """A failure of ours in one line, for `run.json`: what, and where in the code, without this machine's folders."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({place.filename}, line {place.lineno})"
    return re.sub(r"(?:/[^/\s:'\"]+)*/(?=[^/\s])", "", " ".join(text.split()))


def _cell_raised(spec, cell, error, code):
    status = "memory" if error["error"] in MEMORY_ERRORS else "raised"
    sentence = SENTENCES["cell_raised_at" if error["line"] else "cell_raised"]
    message = sentence.format(cell=cell, name=spec.name, **error)
    source = next((one.source for one in code.cells if one.number == cell), "")
    return Verdict(spec.name, status, 0, spec.points, message, look_alike(source) or NEXT_STEPS[status])
