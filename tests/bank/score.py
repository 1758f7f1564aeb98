"""How the checker does on the bank: for each exercise wrong rejected, right accepted, hints fired, mutations noticed."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from bank import measured
from bank.answers import answer
from course_utils.building.sources import stub
from course_utils.checking.judge import judge
from course_utils.checking.observe import observe
from course_utils.exercises import exercise, exercise_names
from course_utils.learner.check import verdict_on

SEEDS = 2  # of the search, for each mutation
WIDTH = max(map(len, exercise_names())) + 2


@dataclass(frozen=True)
class Score:
    """What came out for one exercise.

    Args:
        name: the exercise's.
        counts: column -> (verdicts as they should be, all), in the order of `COLUMNS`.
        complaints: a sentence for each verdict that should be another.
    """

    name: str
    counts: dict
    complaints: tuple[str, ...]


def tables(name):
    """An exercise's `(wrong, right, forbidden, mutants)`, each {title: answer}."""
    chapter = import_module(f"bank.ch{exercise(name).chapter[:2]}")
    kinds = [(bank.WRONG, bank.RIGHT, bank.FORBIDDEN, bank.mutants()) for bank in (chapter, measured)]
    return tuple(one.get(name, {}) | other.get(name, {}) for one, other in zip(*kinds, strict=True))


def judged(name, function, seed=0):
    """The verdict on a function whose source nobody reads."""
    return judge(exercise(name), lambda case: observe(function, case.args, case.kwargs), seed)


def verdict(name, text):
    """The verdict on a learner's text; where a busy machine runs out of time, without a limit."""
    function = answer(name, text)
    found = verdict_on(function, exercise(name))
    return judged(name, function) if found.status == "timeout" else found


def wrong(name):
    """Complaints about wrong answers, the stub among them: (title, sentence or "")."""
    rejected, _, forbidden, _ = tables(name)
    for title, text in rejected.items():
        found = verdict(name, text)
        said = found.message and found.hint and "NameError" not in found.message  # that would be a slip in the bank
        yield title, "" if found.status in ("failed", "raised") and said and found.points == 0 else _got(found)
    for title, text in forbidden.items():
        found = verdict(name, text)
        yield title, "" if (found.status, found.points) == ("forbidden", 0) else _got(found)
    found = verdict(name, stub(exercise(name)))
    yield "as shipped", "" if (found.status, found.points) == ("missing", 0) else _got(found)


def right(name):
    """Complaints about right answers, the solution among them."""
    solution = {"the solution": inspect.getsource(exercise(name).solution)}
    for title, text in (solution | tables(name)[1]).items():
        found = verdict(name, text)
        yield title, "" if found.passed and found.points == found.max_points == exercise(name).points else _got(found)


def hints(name):
    """Complaints about misconceptions that are not recognised as themselves, or share a hint."""
    known = exercise(name).misconceptions
    for one in known:
        found = judged(name, one.wrong)
        itself = (found.misconception, found.hint) == (one.name, one.hint) and found.status in ("failed", "raised")
        alone = [other.name for other in known if other.hint == one.hint] == [one.name]
        yield one.name, "" if itself and alone else f"{found.misconception or _got(found)}, {found.hint!r}"


def mutations(name):
    """Complaints about mutations that go through."""
    for title, mutant in tables(name)[3].items():
        passed = [found for seed in range(SEEDS) if (found := judged(name, mutant, seed)).status != "failed"]
        yield title, _got(passed[0]) if passed else ""


COLUMNS: dict[str, Callable] = {
    "wrong rejected": wrong, "right accepted": right, "hints fired": hints, "mutations noticed": mutations,
}  # fmt: skip


def score(name):
    """The `Score` of one exercise."""
    found = {column: list(judge_all(name)) for column, judge_all in COLUMNS.items()}
    return Score(
        name,
        {column: (sum(not complaint for _, complaint in rows), len(rows)) for column, rows in found.items()},
        tuple(
            f"{name}, {column}: {title!r} got {complaint}"
            for column, rows in found.items()
            for title, complaint in rows
            if complaint
        ),
    )


def report(names=(), say=print):
    """Print the score of some exercises, or of all, and in total.

    Args:
        names: exercises; () for all.
        say: what prints a line.

    Returns:
        The number of verdicts that should be others.
    """
    say("exercise".ljust(WIDTH) + "".join(column.rjust(len(column) + 2) for column in COLUMNS))
    scores = []
    for name in names or exercise_names():
        scores.append(score(name))
        say(_line(name, scores[-1].counts))
    total = {c: tuple(map(sum, zip(*(s.counts[c] for s in scores), strict=True))) for c in COLUMNS}
    say(_line("total", total))
    complaints = [complaint for one in scores for complaint in one.complaints]
    for complaint in complaints:
        say(complaint)
    return len(complaints)


def _line(name, counts):
    cells = (f"{done} of {every}".rjust(len(column) + 2) for column, (done, every) in counts.items())
    return name.ljust(WIDTH) + "".join(cells)


def _got(found):
    return " ".join(f"{found.status}: {found.message}".split())[:300]
