"""Judges an answer given as source text, as the site's exercise pages do with Python in the reader's browser."""

import contextlib
import io
import json
import linecache
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

from course_utils.checking.look_alikes import look_alike
from course_utils.checking.observe import message_of
from course_utils.checking.spec import Case
from course_utils.checking.verdict import Verdict, as_html
from course_utils.checking.verdict_messages import NEXT_STEPS, SENTENCES
from course_utils.exercises import exercise
from course_utils.learner.check import too_long, verdict_on

FILE = "your code"
MOST_PRINTED = 10_000  # characters
SETUP = "import numpy as np\n"  # as the exercises' notebooks begin


def page_verdict(text: str, name: str, patience: float, post: Callable) -> str:
    """The verdict that a page shows on a learner's text.

    Args:
        text: str, the learner's code.
        name: the exercise's.
        patience: seconds for the text, and then for all calls together.
        post: a function that is told, before learner code runs, the seconds that it may take and the HTML to show when it
            takes longer; and after it, None twice. Whoever listens ends this process then.

    Returns:
        str, JSON: "status" and "html" of the verdict, and what the text "printed".
    """

    @contextlib.contextmanager
    def limit(seconds: float, verdict: Verdict) -> Iterator[None]:
        post(seconds, as_html(verdict))
        try:
            yield
        finally:
            post(None, None)

    verdict, printed = judged(text, name, patience=patience, limit=limit)
    return json.dumps({"status": verdict.status, "html": as_html(verdict), "printed": printed})


def judged(text: str, name: str, *, patience: float, limit: Callable) -> tuple[Verdict, str]:
    """Run a learner's text and judge the function that it defines, as `check` does in a notebook.

    Args:
        text: str, the learner's code.
        name: the exercise's.
        patience: seconds for the text, and then for all calls together.
        limit: a function `(seconds, verdict) -> context manager` that is entered before learner code runs: how long that
            may take, and the verdict that is due when it takes longer.

    Returns:
        The `Verdict`, and what the text printed, str. A learner's mistake is never an exception.
    """
    spec, printed, namespace = exercise(name), io.StringIO(), {"__name__": "__main__"}
    exec(SETUP, namespace)
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    try:
        with (
            limit(patience, _verdict(spec, "timeout", "code_timeout", seconds=f"{patience:g}")),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            exec(compile(text, FILE, "exec"), namespace)
        verdict = None if name in namespace else _verdict(spec, "missing", "not_defined", name=name)
    except SyntaxError as error:
        verdict = _unreadable(spec, error, text) if error.filename == FILE else _raised(spec, error)
    except BaseException as error:  # noqa: BLE001 - whatever learner code raises is a finding
        verdict = _raised(spec, error)
    verdict = verdict or _verdict_on(namespace[name], spec, patience, limit)
    return verdict, printed.getvalue()[:MOST_PRINTED]


def _verdict_on(function, spec, patience, limit):
    """The verdict on the function that a text defines."""
    left = patience

    @contextlib.contextmanager
    def around(case: Case) -> AbstractContextManager:
        nonlocal left
        started = time.monotonic()
        with limit(left, too_long(spec, case, "timeout", patience)):
            yield
        left -= time.monotonic() - started

    return verdict_on(function, spec, around=around)


def _unreadable(spec, error, text):
    line = (error.text or "").strip()
    verdict = _verdict(spec, "unreadable", "syntax", number=error.lineno, detail=error.msg, line=line)
    return replace(verdict, hint=look_alike(text) or verdict.hint)


def _raised(spec, error):
    if isinstance(error, ModuleNotFoundError):
        return _verdict(spec, "raised", "no_library", library=error.name)
    fields = {"error": type(error).__name__, "detail": message_of(error), "line": _line(error)}
    return _verdict(spec, "raised", "code_raised_at" if fields["line"] else "code_raised", **fields)


def _line(error):
    """The innermost line of the learner's text."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    return own[-1].line if own else ""


def _verdict(spec, status, sentence, **fields):
    return Verdict(spec.name, status, 0, spec.points, SENTENCES[sentence].format(**fields), NEXT_STEPS[sentence])
