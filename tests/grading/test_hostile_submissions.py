"""Sources and values drawn at random, hostile ones among them: whatever is handed in gets a verdict, and no exception.

The examples are few and each time the same; `HYPOTHESIS_EXAMPLES=2000` draws as many new ones.
"""

import contextlib
import itertools
import json
import os
import resource
import signal
import warnings
from functools import cache
from pathlib import Path

import hostile_values
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_report import row, written
from sample_submission import CHAPTER, NAMES, RIGHT

from course_utils.checking.judge import judge
from course_utils.checking.observe import Observation, observe
from course_utils.checking.spec import case
from course_utils.checking.verdict import Verdict, as_html, as_text
from course_utils.exercises import exercise, exercise_names
from course_utils.grading import store, submissions, submitted_code
from course_utils.grading.answers import Code
from course_utils.grading.discovery import HandedIn
from course_utils.grading.notebook import Graded, _by_reading, _notes
from course_utils.grading.notebook_files import Cell, Unreadable
from course_utils.grading.report import similarity
from course_utils.grading.sandbox import child, protocol
from course_utils.grading.sandbox.isolation import opened
from course_utils.grading.sandbox.session import Lost, Sandbox
from course_utils.learner.check import verdict_on

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "30"))
REPEATED = "HYPOTHESIS_EXAMPLES" not in os.environ  # what is found by chance must not stop somebody else's change
DRAWN = settings(
    max_examples=EXAMPLES,
    derandomize=REPEATED,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

# ---- sources


def elifs(n):
    return (
        "if x == 0:\n        y = 0\n"
        + "".join(f"    elif x == {i}:\n        y = {i}\n" for i in range(n))
        + "    return y"
    )


DEEP = {  # a function's body with n of something
    "elif": elifs,
    "hexadecimal": lambda n: f"return x + 0x{'f' * 20 * n}",
    "digits": lambda n: f"return x + {'9' * 10 * n}",
    "refused hexadecimal": lambda n: f"return tf.keras.activations.get('sigmoid', 0x{'f' * 20 * n})(x)",
    "brackets": lambda n: f"return {'(' * n}x{')' * n}",
    "lists": lambda n: f"return {'[' * n}x{']' * n}",
    "minus": lambda n: f"return {'-' * n}x",
    "not": lambda n: f"return {'not ' * n}x",
    "sum": lambda n: f"return x{' + 1' * n}",
    "power": lambda n: f"return x{' ** 1' * n}",
    "attributes": lambda n: f"return tf{'.a' * min(n, 190)}.sigmoid(x)",
    "items": lambda n: f"y = tf{'[0]' * n}\n    return y",
    "calls": lambda n: f"return tf{'()' * n}",
    "lambdas": lambda n: f"return {'lambda: ' * n}x",
    "conditions": lambda n: f"return {'1 if x else ' * n}0",
    "blocks": lambda n: "".join(f"\n{' ' * (i + 4)}if x:" for i in range(min(n, 99))) + f"\n{' ' * 200}return x",
    "texts": lambda n: f"return {repr('a') * n}",
    "f-string": lambda n: f"return f'{'{x}' * n}'",
    "comparisons": lambda n: f"return x{' < 1' * n}",
}
SOURCES = st.one_of(
    st.builds(
        lambda kind, n: f"def sigmoid(x):\n    {DEEP[kind](n)}", st.sampled_from(sorted(DEEP)), st.sampled_from([1, 90, 250, 700, 1500, 2950, 6000])
    ),
    st.builds(
        lambda kind, n: DEEP[kind](n).replace("return ", "sigmoid = "), st.sampled_from(sorted(DEEP)), st.sampled_from([90, 250, 1500, 2950])
    ),
    st.lists(st.sampled_from(sorted(
        {"def sigmoid(x):\n", "    ", "return ", "...", "x", "\n", "\r", "\x0c", "\x00", "\ufeff", "%", "!", "?", "\\", "'", '"""', "(", ")", "=",
         "lambda", ":", "@", "import ", "from . import *", "tf.nn", "\ud800", "٣", "ﬁ", "async ", "await ", "match x:\n", "# -*- coding: rot13 -*-\n",
         "%%time\n", "def ", "class ", "sigmoid", ";"})), max_size=30).map("".join),
    st.text(max_size=60),
)  # fmt: skip


def read_back(tmp_path, *sources):
    """The sources as the grader reads them out of a notebook, or None."""
    path = tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]}))
    try:
        return Code(submissions.read(path, tmp_path / "in"))
    except Unreadable:
        return None


@DRAWN
@given(st.lists(SOURCES, min_size=1, max_size=3))
def test_any_source_is_read_judged_by_reading_and_compared(tmp_path, sources):
    code = read_back(tmp_path, *sources)
    if code is None:
        return
    specs = [exercise(name) for name in NAMES]
    verdicts = {spec.name: _by_reading(code, spec) for spec in specs}
    assert all(verdict is None or isinstance(verdict, Verdict) for verdict in verdicts.values())
    notes = _notes(code, [spec for spec in specs if verdicts[spec.name] is None])
    assert all(isinstance(sentence, str) for sentences in notes.values() for sentence in sentences)
    submitted_code.digest(code)
    for name in NAMES:
        similarity.fingerprint(submitted_code.own_code(code, name))


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("n", [250, 2950])
def test_a_deep_answer_is_judged_alone(tmp_path, kind, n):
    """The others of its notebook are graded."""
    deep = f"def sigmoid(x):\n    {DEEP[kind](n)}"
    code = read_back(tmp_path, *(RIGHT | {"sigmoid": deep}).values())
    verdicts = {name: _by_reading(code, exercise(name)) for name in NAMES}
    assert {name: verdict for name, verdict in verdicts.items() if name != "sigmoid"} == dict.fromkeys(NAMES[1:])
    assert verdicts["sigmoid"] is None or verdicts["sigmoid"].status in ("unreadable", "forbidden")


@pytest.mark.parametrize("kind", DEEP)
def test_one_students_code_ends_no_report(tmp_path, kind):
    deep = f"def sigmoid(x):\n    {DEEP[kind](250)}"
    read_back(tmp_path, deep)
    found = HandedIn(("ann",), (CHAPTER,), {("ann", CHAPTER): tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb"}, ())
    written(tmp_path / "out", [row("ann"), row("bob")], sources=submitted_code.Sources(found, tmp_path / "in"))
    assert {path.stem for path in (tmp_path / "out" / "feedback").iterdir()} == {"ann", "bob"}
    assert (tmp_path / "out" / "index.html").exists()


def test_a_failure_in_one_students_page_is_named_and_harms_nobody(tmp_path, monkeypatch):
    def fails(code, name):
        raise ZeroDivisionError("of the report's own")

    monkeypatch.setattr("course_utils.grading.report.report_files.own_code", fails)
    written(tmp_path / "out", [row("ann"), row("bob")])
    page = (tmp_path / "out" / "index.html").read_text()
    assert all(f"{student}: the report could not read the code again" in page for student in ("ann", "bob"))
    assert "ZeroDivisionError" in page


def test_a_page_that_can_not_be_made_ends_no_report(tmp_path, monkeypatch):
    def fails(student, rows, codes):
        if student == "ann" and (codes or not said):
            said.append(student)
            raise ZeroDivisionError("of ann's picture")
        if student == "cy":
            raise ZeroDivisionError("of cy's page")
        return "<html>"

    said = []
    monkeypatch.setattr("course_utils.grading.report.report_files.feedback_html", fails)
    written(tmp_path / "out", [row("ann"), row("bob"), row("cy")])
    assert {path.stem for path in (tmp_path / "out" / "feedback").iterdir()} == {"ann", "bob"}
    page = (tmp_path / "out" / "index.html").read_text()
    assert "ann: the report could not read the code again" in page
    assert "feedback/cy.html could not be written" in page
    assert (tmp_path / "out" / "grades.csv").read_text().count("cy,") == 1


def test_equal_code_has_equal_fingerprints_and_other_code_others():
    long = "def f(x):\n" + "".join(f"    x = x * {i} + 0x{'f' * 5000}\n" for i in range(9)) + "    return x"
    assert similarity.fingerprint(long) == similarity.fingerprint(long.replace(" * ", "*")) != ""
    assert similarity.fingerprint(long) != similarity.fingerprint(long.replace("0xff", "0xef", 1))
    deep = f"def f(x):\n    {elifs(700)}"
    assert similarity.fingerprint(deep) not in ("", similarity.fingerprint(deep.replace("y = 3\n", "y = 4\n")))


# ---- files

HUGE = "a number of 5,000 digits"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["code", "markdown", "sigmoid", [], {}, HUGE]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "cell_type", "source", "metadata", "outputs", "worksheets", "input", "nbformat", "x"]), inner, max_size=5
    ),
    max_leaves=20,
)  # fmt: skip


def as_json(value):
    if value == HUGE:
        return "9" * 5000
    if isinstance(value, list):
        return f"[{','.join(map(as_json, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{as_json(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


@DRAWN
@given(
    st.one_of(
        JSON.map(lambda value: as_json(value).encode()),
        st.lists(JSON, min_size=1, max_size=3).map(lambda cells: as_json({"cells": cells}).encode()),
        st.binary(max_size=60),
        st.sampled_from(
            [b"[" * 200_000, b'{"cells":' * 50_000, b"\xff\xfe\x00", b"PK\x03\x04", b"%PDF-1.7", b"<html>"]
        ),
    )
)
def test_any_file_is_read_or_says_why_not(tmp_path, content):
    path = tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        cells = submissions.read(path, tmp_path / "in")
    except Unreadable:
        return
    assert all(isinstance(cell.source, str) for cell in cells)


# ---- values


@cache
def namespace():
    """What the expressions of `hostile_values` name."""
    found = {"__name__": "__main__", "x": 0.5}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(hostile_values.NAMES + hostile_values.WITH_TENSORFLOW, found)
    return found


def made(expression, x=0.5):
    """The value of an expression; what it raises while it is made is the answer's own exception, too."""
    names = {**namespace(), "x": x}
    with warnings.catch_warnings(), limits(gigabytes=1, seconds=20):
        warnings.simplefilter("ignore")
        return eval(expression, names)


@contextlib.contextmanager
def limits(gigabytes, seconds):
    """What an expression may take while it is made: `np.array` of a list without end would take all memory, and a `==` that asks itself, for ever."""

    def late(number, frame):
        raise TimeoutError

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + gigabytes * 2**30, hard))
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # and again each second, where an `except` has stopped it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def of_kind(spec, kind):
    """An answer with the right shape and the wrong type of numbers."""

    def answer(*args, **kwargs):
        return np.asarray(spec.solution(*args, **kwargs)).astype(kind)

    return answer


def judged(spec, answer):
    verdict = judge(spec, lambda case: observe(answer, case.args, case.kwargs))
    assert isinstance(verdict, Verdict)
    assert verdict.status in ("passed", "failed", "raised", "missing")
    return verdict


VALUES = hostile_values.expressions(*hostile_values.TENSORS)
RAISED = hostile_values.raised(VALUES)


@DRAWN
@given(st.sampled_from(exercise_names()), VALUES | RAISED)
def test_any_value_is_judged_shown_and_kept(name, expression):
    """Here and after it was sent: the same verdict, which every page and table can show."""
    spec, seen = exercise(name), []

    def call(case):
        seen.append(observe(lambda *args, **kwargs: made(expression, args[0] if args else 0.5), case.args, case.kwargs))
        return seen[-1]

    verdict = judge(spec, call)
    assert verdict.status in ("passed", "failed", "raised", "missing")
    came = iter([protocol.decode_observation(sent(protocol.encode_observation(one))) for one in seen if fits(one)])
    if all(map(fits, seen)):
        assert same(judge(spec, lambda case: next(came)), verdict)
    assert all(isinstance(text, str) for text in (as_text(verdict), as_html(verdict), verdict.message, verdict.hint))
    kept = Graded((verdict,), ((),))
    assert same(store._graded(json.dumps(store._document(kept))).verdicts[0], verdict)
    (verdict.message + verdict.hint + verdict.about).encode("utf-8")


def sent(document):
    return protocol.unpack(protocol.pack(document)[protocol.HEADER :])


def fits(observation):
    """Whether it is small enough to be sent; larger ones are told as such by `child.answer`."""
    return child.fits(protocol.pack({"id": "0" * 16, "observation": protocol.encode_observation(observation)}))


def same(one, other):
    return (one.status, one.points, one.message, one.hint, one.reason) == (
        other.status,
        other.points,
        other.message,
        other.hint,
        other.reason,
    )


@DRAWN
@given(st.sampled_from(["sigmoid", "tanh", "softmax", "hat"]), VALUES)
def test_anything_that_can_be_called_is_checked(name, expression):
    """By `check`, which also reads its source and watches a call of it; what can't be called gets a sentence."""
    try:
        thing = made(expression)
    except BaseException:  # noqa: BLE001 - then there is no answer to check
        return
    assert isinstance(verdict_on(thing, exercise(name)), Verdict)


@pytest.mark.parametrize("act", ["GeneratorExit", "SystemExit", "Odd", "object"])
@pytest.mark.parametrize(
    "asked", ["__getattribute__", "__class__", "__name__", "__module__", "__wrapped__", "__dict__"]
)
@pytest.mark.parametrize("more", [(), ("__call__",)])
def test_an_object_that_does_something_else_when_it_is_asked_for_an_attribute(act, asked, more):
    for base, is_property in itertools.product(("object", "dict", "str"), (True, False)):
        thing = made(f"hostile({base!r}, {(asked, *more)!r}, {act!r}, {is_property})")
        assert isinstance(verdict_on(thing, exercise("hat")), Verdict)


@pytest.fixture(scope="module")
def sandbox():
    """A function that makes a sandbox whose answer is the value of an expression, by its text."""
    cells = [Cell(1, hostile_values.NAMES), Cell(2, "def value(x, text): return eval(text, {**globals(), 'x': x})")]
    with opened("process", preload=()) as processes, contextlib.ExitStack() as held:
        found = []

        def fresh():
            if not found or found[0].lost:
                held.close()
                found[:] = [held.enter_context(Sandbox(cells, timeout=30, processes=processes))]
            return found[0]

        yield fresh


@DRAWN
@given(hostile_values.expressions() | hostile_values.raised(hostile_values.expressions()))
def test_any_value_comes_out_of_a_sandbox_or_costs_the_process_alone(sandbox, expression):
    with contextlib.suppress(Lost):
        observation = sandbox().call("value", case(np.array([0.5, -1.0]), text=expression))
        assert isinstance(observation, Observation)
        assert isinstance(judge(exercise("sigmoid"), lambda case: observation), Verdict)
        assert isinstance(sandbox().recorded_call("value", case(0.5, text=expression), ("sigmoid",)), str)


@pytest.mark.parametrize("name", exercise_names())
def test_truth_values_and_unsigned_numbers_are_judged(name):
    spec = exercise(name)
    for kind in ("bool", "uint8"):
        judged(spec, of_kind(spec, kind))


def box(x):
    return np.abs(np.asarray(x)) <= 1


def box_of_numbers(x):
    return 1.0 * (np.abs(np.asarray(x)) <= 1)


def test_a_box_of_truth_values_is_a_known_wrong_hat():
    verdict = verdict_on(box, exercise("hat"))
    assert (verdict.status, verdict.points, verdict.misconception) == ("failed", 0, "box")
    assert verdict_on(box_of_numbers, exercise("hat")).message == verdict.message
