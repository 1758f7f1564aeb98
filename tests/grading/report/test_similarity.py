"""Code that is alike: said only where it is fair."""

import textwrap

import pytest
from sample_submission import NAMES

from course_utils.grading.report import similarity

LONG = """def {name}(x):
    y = np.asarray(x, float)
    z = np.zeros_like(y)
    for i in range(y.size):
        z.flat[i] = y.flat[i] ** {power} + {power}
    return z"""


def prints(written):
    """student -> {exercise: fingerprint} for thirty students with code of their own, and some with the code given."""
    every = {f"s{n:02}": {name: LONG.format(name=name, power=n + 2) for name in NAMES} for n in range(30)}
    for student, own in written.items():
        every[student] |= own
    return {
        student: {name: similarity.fingerprint(code) for name, code in own.items()} for student, own in every.items()
    }


def shared(*students, names=NAMES[:3], code=LONG):
    return prints({student: {name: code.format(name=name, power="n") for name in names} for student in students})


def test_the_same_long_code_that_hardly_anybody_else_wrote():
    assert similarity.sentences(shared("s03", "s17")) == [
        "s03 and s17: the same code in 3 exercises: sigmoid, sigmoid_slope, surviving_gradient."
    ]
    assert len(similarity.sentences(shared("s03", "s04", "s17"))) == 3


SHORT = "def {name}(x):\n    return 1 / (1 + np.exp(-x)) * {power}"
FAIR = {
    "two exercises only": shared("s03", "s17", names=NAMES[:2]),
    "many wrote so": shared("s03", "s04", "s05", "s06"),
    "short": shared("s03", "s17", code=SHORT),
    "everybody's own": prints({}),
    "a small class": dict(list(shared("s00", "s01").items())[:9]),
}


@pytest.mark.parametrize("case", FAIR)
def test_no_hint_where_it_would_not_be_fair(case):
    assert similarity.sentences(FAIR[case]) == []


def test_the_courses_own_answer_is_nobodys_sign(monkeypatch):
    code = {name: LONG.format(name=name, power="n") for name in NAMES}
    monkeypatch.setattr(similarity.inspect, "getsource", lambda solution: code[solution.__name__])
    assert similarity.sentences(prints({"s03": code, "s17": code})) == []


def test_a_fingerprint_sees_the_code_alone():
    code = LONG.format(name="f", power="3")
    noisy = code.replace("    y =", '    """What it does."""\n    # so\n    y  =')
    assert (
        similarity.fingerprint(noisy)
        == similarity.fingerprint(textwrap.indent(code, "  "))
        == similarity.fingerprint(code)
        != ""
    )
    assert similarity.fingerprint(code.replace("z", "w")) != similarity.fingerprint(code)
    assert similarity.fingerprint("def f(x)\n return") == ""
