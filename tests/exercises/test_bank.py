"""Every exercise against the bank: wrong answers are refused, right ones accepted, misconceptions known, mutations noticed."""

import inspect
import json
import math

import pytest
from bank import score
from bank.answers import cell
from bank.anyhow import of_its_own

from course_utils import exercises
from course_utils.checking.spec import DIFFICULTIES
from course_utils.checking.verdict import Verdict
from course_utils.cli import main
from course_utils.exercises import chapters, exercise, exercise_names

OPTIONAL = {"03_relu": ("relu", "relu_slope")}  # at a chapter's end, since they need one of its appendices


@pytest.mark.parametrize("name", exercise_names())
def test_every_verdict_is_as_it_must_be(name):
    assert score.score(name).complaints == ()


@pytest.mark.parametrize("name", exercise_names())
def test_the_bank_is_large_enough(name):
    wrong, right, _, mutants = score.tables(name)
    assert len(of_its_own(wrong)) >= 12
    assert len(of_its_own(right)) >= 12
    assert len(exercise(name).misconceptions) >= 5
    assert len(mutants) >= 5 or name == "my_activation"  # of which no answer is the one that is right


@pytest.mark.parametrize("name", exercise_names())
def test_the_solution_is_right_for_all_that_is_drawn(name):
    """Solution and reference are two ways of writing it."""
    for seed in range(20 if exercise(name).draw else 1):
        assert score.judged(name, exercise(name).solution, seed).passed


@pytest.mark.parametrize("name", exercise_names())
def test_no_hint_is_the_answer(name):
    spec = exercise(name)
    lines = [line.strip().removeprefix("return ") for line in inspect.getsource(spec.solution).splitlines()[1:]]
    for hint in (spec.next_step, *spec.hints, *(m.hint for m in spec.misconceptions)):
        assert not any(line in hint for line in lines if len(line) > 8)
    assert len(spec.hints) == 3


@pytest.mark.parametrize("name", exercise_names())
def test_the_solution_says_why_and_what_the_tempting_wrong_answer_does(name, root):
    explanation = exercise(name).explanation
    why, tempting = (explanation.index(words) for words in ("**Why it is right.**", "**The tempting wrong answer"))
    assert why < tempting
    stored = (root / "solutions" / f"{exercise(name).chapter}.ipynb").read_text("utf-8")
    assert json.dumps(explanation.strip().splitlines()[0], ensure_ascii=False)[1:-1] in stored


@pytest.mark.parametrize("name", exercise_names())
def test_the_learner_sees_how_hard_it_is_and_how_long_it_takes(name, root):
    spec = exercise(name)
    stored = (root / "exercises" / f"{spec.chapter}.ipynb").read_text("utf-8")
    assert f'`{name}`\\n"' in stored
    assert f"*{spec.difficulty}, about {spec.minutes} minutes, {spec.points} point" in stored


@pytest.mark.parametrize("chapter", chapters())
def test_a_chapter_goes_from_easy_to_hard(chapter):
    optional = OPTIONAL.get(chapter, ())
    assert chapters()[chapter][len(chapters()[chapter]) - len(optional) :] == optional
    steps = [DIFFICULTIES.index(exercise(name).difficulty) for name in chapters()[chapter] if name not in optional]
    assert steps == sorted(steps)


# ---- the bank itself, and `course check-bank`


def test_a_formula_lines_and_a_whole_cell():
    assert cell("relu", "x") == "def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):\n    return x"
    assert cell("sigmoid", "y = {x}\nreturn {x} + y") == "def sigmoid(x):\n    y = x\n    return x + y"
    for text in ("def {name}{signature}:\n    return right({all})", "{name} = right", "from mine import {name}"):
        assert cell("sigmoid", text).startswith(text.split("{")[0])
    helpers = ("def one():\n    return 1\n", "def two():\n    return 2 * one()\n")
    assert cell("sigmoid", "two()", helpers) == "".join(helpers) + "def sigmoid(x):\n    return two()"
    assert cell("sigmoid", "one()", helpers).count("def ") == 2
    assert cell("sigmoid", "x", helpers).count("def ") == 1


def test_the_command_prints_the_score(capsys):
    assert main(["check-bank", "surviving_gradient"]) == 0
    head, row, total = capsys.readouterr().out.splitlines()
    assert head == "exercise                    wrong rejected  right accepted  hints fired  mutations noticed"
    names = [(row.split()[0], row.split()[1:]) for row in (row, total)]
    assert names == [("surviving_gradient", names[0][1]), ("total", names[0][1])]
    done, every = names[0][1][0::3], names[0][1][2::3]
    assert done == every
    assert len(done) == 4


@pytest.mark.parametrize(
    ("status", "column"), [("passed", "wrong rejected"), ("failed", "right accepted"), ("timeout", "right accepted")]
)
def test_a_wrong_verdict_is_named_and_the_command_fails(status, column, capsys, monkeypatch):
    spec = exercise("surviving_gradient")
    given = Verdict(spec.name, status, 0, spec.points, "So be it.", "Try.")
    monkeypatch.setattr(score, "verdict", lambda name, text: given)
    assert main(["check-bank", spec.name]) == 1
    assert (
        f"surviving_gradient, {column}: 'numpy' got {status}: So be it." in capsys.readouterr().out
        or status == "passed"
    )


def test_a_checker_that_says_nothing_is_caught(monkeypatch):
    spec = exercise("surviving_gradient")
    monkeypatch.setattr(score, "judged", lambda *a: Verdict(spec.name, "passed", 1, 1, "All is well."))
    found = score.score(spec.name)
    assert found.counts["mutations noticed"] == (0, len(score.tables(spec.name)[3]))
    assert found.counts["hints fired"] == (0, len(spec.misconceptions))
    assert math.prod(done == every for done, every in list(found.counts.values())[:2])


def test_elsewhere_the_command_says_so(capsys, monkeypatch):
    monkeypatch.setattr("course_utils.cli._root", lambda: None)
    assert main(["check-bank"]) == 2
    assert "run `course check-bank` in the course's repository" in capsys.readouterr().err


def test_an_unknown_exercise_gets_the_nearest_name(capsys):
    assert main(["check-bank", "sigmod"]) == 2
    assert "Did you mean 'sigmoid'?" in capsys.readouterr().err


def test_an_exercise_s_file_says_its_place(tmp_path):
    for name, place in {"first": 10, "third": 30, "between": 20}.items():
        (tmp_path / f"{name}.py").write_text(f"EXERCISE = Exercise(\n    place={place},\n    title=...,\n)\n")
    (tmp_path / "_shared.py").write_text("")
    assert sorted(exercises._places(tmp_path).items(), key=lambda item: item[1]) == [
        ("first", 10),
        ("between", 20),
        ("third", 30),
    ]
    (tmp_path / "fourth.py").write_text("EXERCISE = Exercise(\n    title=...,\n)\n")
    with pytest.raises(ValueError, match=r"fourth\.py: the author's mistake: no line `    place=10,`"):
        exercises._places(tmp_path)


@pytest.mark.parametrize("chapter", chapters())
def test_the_places_of_a_chapter_are_its_order(chapter):
    places = [exercise(name).place for name in chapters()[chapter]]
    assert places == sorted(set(places))
