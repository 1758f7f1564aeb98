"""What an exercise is made of. One file in `course_utils/exercises/` holds one `Exercise`; everything else is made from it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from course_utils.texts import _

DIFFICULTIES = ("easy", "medium", "hard")
MANY = 80  # numbers in a long drawn array
SEARCHES = 20  # calls with drawn arguments, beyond the fixed cases


@dataclass(frozen=True, eq=False)
class Case:
    """One call of the learner's function.

    Args:
        args: positional arguments; arrays are NumPy arrays.
        kwargs: keyword arguments.
        may_raise: an answer that refuses this input with an exception is accepted, a wrong result is not. For inputs
            that the prompt allows an answer not to handle (a plain loop need not handle a table).
        about: why this call is tried, a sentence that stands beside a failure.
    """

    args: tuple
    kwargs: Mapping = field(default_factory=dict)
    may_raise: bool = False
    about: str = ""
    _known: dict = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, key: object, work_out: Callable[[], object]) -> object:
        """What `work_out()` returns, worked out once for this case and this key: a whole class is asked the same."""
        if key not in self._known:
            self._known[key] = work_out()
        return self._known[key]


def case(*args: object, may_raise: bool = False, **kwargs: object) -> Case:
    """A `Case` written like the call that it stands for."""
    return Case(args, kwargs, may_raise)


def about(sentence: str, *cases: Case) -> tuple[Case, ...]:
    """The cases, each with why it is tried."""
    return tuple(replace(one, about=sentence) for one in cases)


def spread(rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Drawn numbers between `low` and `high` for `Exercise.draw`: float64, in random order, and held exactly by float32.

    Either a few (1 to 8) anywhere, or `MANY`, one in each of as many equal parts, so that no stretch of the range that
    is longer than two parts is left out.
    """
    size = MANY if rng.random() < 0.5 else rng.integers(1, 9)
    return (low + (high - low) * (rng.permutation(size) + rng.random(size)) / size).astype(np.float32).astype(float)


@dataclass(frozen=True)
class Rejection:
    """Why an exercise's own judge, or a property, turns an answer down.

    Args:
        what: what is wrong and the values that show it, as a tuple. A program compares this: two answers have the same
            fault where it is equal, however the sentences read.
        message: the same as a sentence.
        next_step: what to try next, or "" for the exercise's own.
    """

    what: tuple
    message: str = field(compare=False)
    next_step: str = field(default="", compare=False)


def reject(
    what: str, sentence: str, next_step: str = "", *, words: Mapping[str, object] | None = None, **fields: object
) -> Rejection:
    """A `Rejection` that is told from others of its kind by its fields.

    Args:
        what: one word for what is wrong.
        sentence: with named fields.
        next_step: see `Rejection`.
        words: fields of the sentence that are themselves words to be translated, and so tell nothing apart.
        fields: numbers and names, as the sentence shows them.
    """
    return Rejection((what, *fields.values()), sentence.format(**fields, **(words or {})), next_step)


def withheld(case: Case, value: object) -> Rejection:
    """Stands for `Exercise.accepts` where an exercise was handed out without its check."""
    return reject("withheld", _("This exercise was handed out without its check."))


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation that many learners write, and the question that helps to see why it is wrong.

    Args:
        name: snake_case, the word by which reports count it.
        wrong: the wrong implementation, called like the exercise's function.
        hint: one or two sentences; never the answer.
    """

    name: str
    wrong: Callable
    hint: str


@dataclass(frozen=True)
class Tolerance:
    """How far a result may be off: `abs(got - expected) <= atol + rtol * abs(expected) + of_input * max(abs(input))`.

    The default accepts float32 arithmetic: `atol` is 17 times the distance between two float32 numbers near 0.5. Where
    a small result is the difference of large numbers, `of_input` allows for what float32 rounds off those.
    """

    rtol: float = 1e-5
    atol: float = 1e-6
    of_input: float = 0.0


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        place: where it stands among the chapter's exercises: 10, 20, 30, ..., so that another fits in between.
        title: a few words, for headings.
        difficulty: one of `DIFFICULTIES`.
        minutes: a usual time, in minutes.
        points: all or none, 1 to 3.
        prompt: Markdown with formulas; it promises which inputs will come.
        solution: the model answer, a function whose name is the exercise's; its source is what `solutions/` shows.
        explanation: Markdown: why the answer is right and what the tempting wrong answer does.
        reference: the expected result, in NumPy float64, called with the same arguments as the learner's function; None
            where `accepts` decides.
        cases: fixed calls, simple ones first; the first that fails is shown.
        draw: makes one more call from a `numpy.random.Generator`, as a `Case` or a tuple of its arguments; the search uses
            it many times.
        searches: how many such calls; fewer where a usual right answer is slow.
        next_step: what a learner with an unrecognised wrong answer should try next.
        hints: a ladder, from a nudge to nearly there.
        misconceptions: recognised wrong answers.
        properties: see `properties.py`; each gives a more telling sentence than a wrong value does.
        refused: names of library functions that may not be called here (EXERCISES' rule: the formula is the learner's own).
        tolerance: how far a result may be off.
        curve: the interval on which feedback draws the learner's curve beside the expected one, or None.
        elementwise: True where each number of the result belongs to the number of the first argument in the same place,
            so that a sentence may name that number alone.
        accepts: for an answer that is no single array, or of which many are right: a function `(case, value)` of the
            plain value (see `observe.plain`) that returns a `Rejection`, or None for a right answer. It stands in for the
            comparison with the reference. A misconception is also recognised by being rejected for the same reason.
        accepts_all: the same over all fixed cases together, `[(case, value), ...]`, asked where each is right by itself.
    """

    place: int
    title: str
    difficulty: str
    minutes: int
    points: int
    prompt: str
    solution: Callable
    explanation: str
    reference: Callable | None
    cases: tuple[Case, ...]
    next_step: str
    draw: Callable | None = None
    searches: int = SEARCHES
    hints: tuple[str, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    properties: tuple = ()
    refused: tuple[str, ...] = ()
    tolerance: Tolerance = field(default_factory=Tolerance)
    curve: tuple[float, float] | None = None
    elementwise: bool = True
    accepts: Callable | None = None
    accepts_all: Callable | None = None

    def __post_init__(self):
        where = self.solution.__module__
        checks = {
            f"difficulty is one of {DIFFICULTIES}": self.difficulty in DIFFICULTIES,
            "points is 1, 2 or 3": self.points in (1, 2, 3),
            "cases holds at least one Case": len(self.cases) > 0,
            "each of the cases says what it is about": all(c.about for c in self.cases),
            "either reference or accepts is given": (self.reference is None) != (self.accepts is None),
            "names of misconceptions are unique": len({m.name for m in self.misconceptions})
            == len(self.misconceptions),
            "the file is named after the solution": where.rpartition(".")[2] == self.solution.__name__,
        }
        for demand, holds in checks.items():
            if not holds:
                raise ValueError(f"{where}: the author's mistake: {demand}")

    @property
    def name(self) -> str:
        """The exercise's name: that of its function."""
        return self.solution.__name__

    @property
    def chapter(self) -> str:
        """The chapter's name, `02_sigmoid` for `course_utils.exercises.ch02_sigmoid.sigmoid`."""
        return self.solution.__module__.split(".")[-2].removeprefix("ch")

    @property
    def withheld(self) -> bool:
        """Whether the exercise was handed out without its check."""
        return self.accepts is withheld

    @cached_property
    def signature(self) -> inspect.Signature:
        """How the function is called, as `inspect.Signature`."""
        return inspect.signature(self.solution)

    def expected(self, case: Case) -> np.ndarray:
        """The reference's answer to a case, a float64 array."""
        return case.once(self.reference, lambda: np.asarray(self.reference(*case.args, **case.kwargs), float))
