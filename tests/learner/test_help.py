"""Hints, solutions, progress and review, as a learner meets them."""

import json
import re
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from course_utils import check, hint, progress, review, solution
from course_utils.checking.observe import TimeUp, observe
from course_utils.exercises import chapters, exercise
from course_utils.learner import check_time_limit
from course_utils.learner.history import history
from course_utils.releasing import badges_and_colab


def sigmoid(x):
    return 1 / 1 + np.exp(-x)


def right(x):
    return 1 / (1 + np.exp(-x))


def test_each_hint_goes_one_rung_up():
    rungs = exercise("sigmoid").hints
    said = [repr(hint(sigmoid)) for _ in range(len(rungs) + 1)]
    assert said[:-1] == [f"Hint {n} of {len(rungs)} for sigmoid: {rung}" for n, rung in enumerate(rungs, start=1)]
    assert said[-1].startswith(f"That was the last hint for sigmoid: {rungs[-1]}")
    assert repr(hint("logit")).startswith("Hint 1 of 3 for logit: ")


def test_a_solution_comes_after_an_attempt():
    assert repr(solution(sigmoid)).startswith("Try first: write an answer and `check(sigmoid)` it.")
    check(lambda x: ..., "sigmoid")  # the stub is no attempt
    assert "Try first" in repr(solution("sigmoid"))
    check(sigmoid)
    shown = solution(sigmoid)
    assert shown._repr_markdown_().startswith("```python\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n```")
    assert "**Why it is right.**" in repr(shown)


def test_a_solution_anyway():
    assert "def logit(p)" in repr(solution("logit", anyway=True))


@pytest.mark.parametrize("ask", [hint, solution])
def test_unknown_names(ask):
    with pytest.raises(ValueError, match="Did you mean 'sigmoid'"):
        ask("sigmod")


def lines_of(chapter):
    text = repr(progress()).splitlines()
    start = next(place for place, line in enumerate(text) if line.startswith(chapter))
    return text[start : start + 6]


def test_progress():
    assert lines_of("02_sigmoid")[:2] == [
        "02_sigmoid: 0 of 6 exercises, 0 of 8 points [......]",
        "  open: sigmoid, sigmoid_slope, surviving_gradient, stable_sigmoid, logit, sigmoid_layer",
    ]
    check(sigmoid)
    check(lambda x: (right(x), right(x) * right(-x)), "stable_sigmoid")
    assert lines_of("02_sigmoid")[:4] == [
        "02_sigmoid: 1 of 6 exercises, 2 of 8 points [#.....]",
        "  passed: stable_sigmoid",
        "  tried: sigmoid",
        "  open: sigmoid_slope, surviving_gradient, logit, sigmoid_layer",
    ]
    page = progress()._repr_html_()
    assert 'aria-label="02_sigmoid: 1 of 6 exercises, 2 of 8 points"' in page
    assert "<br>passed: stable_sigmoid<br>tried: sigmoid<br>" in page
    assert "width:17%" in page
    assert "<a href='../exercises/02_sigmoid.ipynb'>02_sigmoid: 1 of 6 exercises" in page


def test_on_colab_progress_links_to_where_colab_opens_the_exercises(monkeypatch, root):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    links = re.findall("<a href='(.*?)'>", progress()._repr_html_())
    assert links == [
        badges_and_colab.colab(badges_and_colab.repository(root), f"exercises/{name}.ipynb") for name in chapters()
    ]


@pytest.mark.parametrize("where", ["here", "Colab", "Binder"])
def test_where_the_history_is_lost_with_the_session_it_says_so(where, monkeypatch):
    monkeypatch.delenv("BINDER_SERVICE_HOST", raising=False)
    if where == "Colab":
        monkeypatch.setitem(sys.modules, "google.colab", sys)
    if where == "Binder":
        monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    lost = where != "here"
    assert ('`progress(export="mine.json")` saves it' in repr(progress())) == lost
    assert ('<code>progress(export="mine.json")</code> saves it' in progress()._repr_html_()) == lost


def test_a_later_failure_takes_nothing_away():
    check(right, "sigmoid")
    check(sigmoid)
    assert "  passed: sigmoid" in lines_of("02_sigmoid")


def test_events_that_nobody_knows_any_more_are_passed_over():
    for name, detail in (("gone", {"status": "failed", "misconception": "m"}), ("sigmoid", {})):
        history().record("attempt", name, **detail)
    assert repr(review()).startswith("There is nothing to review")
    assert "0 of 8 points" in lines_of("02_sigmoid")[0]
    assert "Try first" in repr(solution("sigmoid"))


def test_code_in_a_hint_stands_as_code():
    hint("sigmoid")
    assert "<code>np.exp(-x)</code>" in hint("sigmoid")._repr_html_()


def test_export(tmp_path):
    check(sigmoid)
    path = tmp_path / "mine.json"
    assert repr(progress(export=path)) == f"Your history is saved as {path}."
    (event,) = json.loads(path.read_text("utf-8"))
    assert (event["kind"], event["name"], event["misconception"]) == ("attempt", "sigmoid", "operator_precedence")


def test_review_of_nothing():
    assert repr(review()).startswith("There is nothing to review")


def test_review_brings_back_what_went_wrong():
    check(sigmoid)
    history().record("prediction", "ten_layers", choice=0)
    text = repr(review())
    assert "sigmoid: Work your expression out by hand for x = 0" in text
    assert "A network has ten hidden layers" in text
    check(right, "sigmoid")
    history().record("prediction", "ten_layers", choice=3)
    assert repr(review()).startswith("There is nothing to review")


def endless(x):
    while True:
        pass


def stubborn(x):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722, S110
            pass


def twice_stubborn(x):
    while True:
        try:
            while True:
                try:
                    print("on and on")
                except BaseException:  # noqa: BLE001
                    continue
                finally:
                    str(x)
        except BaseException:  # noqa: BLE001
            continue


def stubborn_together(x):
    def inner():
        try:
            stubborn(x)
        except BaseException:  # noqa: BLE001
            inner()

    inner()


class Slow:
    def __array__(self, dtype=None, copy=None):
        endless(None)


def slow_to_read(x):
    return Slow()


def never_ready(x):
    yield from endless(x)


@pytest.mark.parametrize("function", [endless, stubborn, twice_stubborn, stubborn_together, slow_to_read])
def test_a_loop_without_an_end_comes_back(function, monkeypatch):
    monkeypatch.setattr(check_time_limit, "WAITING", 1000)  # however busy the machine is
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.3)
    verdict = check(function, "sigmoid")
    assert verdict.status == "timeout"
    assert verdict.message == "`sigmoid(np.array([0.]))` was still running after 0.3 seconds."


def test_a_function_that_sleeps_has_longer_and_is_ended_too(monkeypatch):
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.3)
    monkeypatch.setattr(check_time_limit, "WAITING", 2)
    verdict = check(lambda x: time.sleep(99), "sigmoid")
    assert verdict.status == "timeout"
    assert verdict.message.endswith(" was still running after 0.6 seconds, and spent most of them waiting.")


def test_only_processor_time_in_the_function_counts():
    """A check that computes between its calls, or beside busy programs, takes nothing from the learner's time."""
    limit = check_time_limit.CheckTimeLimit(0.2)
    work(0.3)
    with limit.running():
        observe(time.sleep, (0.3,), {})
    work(0.3)
    assert limit.reached() is None
    with pytest.raises(TimeUp), limit.running():
        observe(work, (60.0,), {})
    assert limit.reached() is not None


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_an_import_does_not_count(monkeypatch, tmp_path):
    (tmp_path / "takes_its_time.py").write_text(
        "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(check_time_limit, "WAITING", 1000)
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.3)

    def imports(x):
        import takes_its_time  # noqa: F401

        return right(x)

    assert check(imports, "sigmoid").passed


def test_the_notebook_is_as_before_when_a_loop_was_stopped(monkeypatch, capsys):
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.05)
    before = sys.stdout, sys.stderr, list(warnings.filters), np.geterr(), signal.getsignal(signal.SIGALRM)
    for _ in range(20):
        assert check(twice_stubborn, "sigmoid").status == "timeout"
        assert (sys.stdout, sys.stderr, list(warnings.filters), np.geterr(), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert capsys.readouterr().out == ""


def test_a_picture_that_takes_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.3)
    verdict = check(lambda x: endless(x) if x.size == 81 else 0.5 + 0 * x, "sigmoid")
    assert (verdict.status, verdict.curve) == ("failed", None)
    assert "expected 0.2689414" in verdict.message


def test_a_simpler_input_that_takes_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 0.5)

    def slow_alone(x):
        wrong = np.abs(x - 7) < 0.4
        if x.size == 1 and wrong.all():
            endless(x)
        return right(x) - wrong

    verdict = check(slow_alone, "sigmoid")
    assert verdict.status == "failed"
    assert verdict.message.startswith("At x = 6.78")  # as it was drawn


def test_a_generator_is_not_waited_for():
    assert check(never_ready, "sigmoid").message.startswith("`sigmoid(np.array([0.]))` returned a generator")


def test_where_there_are_no_alarms_a_check_works_all_the_same():
    found = []
    thread = threading.Thread(target=lambda: found.append(check(right, "sigmoid").passed))
    thread.start()
    thread.join()
    assert found == [True]
