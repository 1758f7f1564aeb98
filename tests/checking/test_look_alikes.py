"""What keeps Python from reading an answer though it looks like code is named; nothing else is."""

import pytest

from course_utils.checking.look_alikes import look_alike
from course_utils.learner.answer_text import judged

ANSWER = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
FOUND = {
    "\ufeff" + ANSWER: "Line 1 holds a character that nobody sees (U+FEFF), before `def sigmoid(x):`. Delete it.",
    ANSWER.replace(
        "return", "\u200breturn"
    ): "Line 2 holds a character that nobody sees (U+200B), before `return 1 / (1 + np.e`. Delete it.",
    ANSWER.replace(
        "    return", "\u00a0\u00a0\u00a0\u00a0return"
    ): "Line 2 holds a space that is none of the keyboard's (U+00A0), before "
    "`return 1 / (1 + np.e`. Replace it by an ordinary one.",
    ANSWER.replace("-x", "\u2212x"): "Line 2 holds `\u2212` (U+2212) where Python wants `-`. Type it anew.",
    ANSWER + "\nprint(\u201cdone\u201d)": 'Line 3 holds `\u201c` (U+201C) where Python wants `"`. Type it anew.',
    ">>> def sigmoid(x):\n...     return 1 / (1 + np.exp(-x))": "Line 1 begins with `>>>`, which was copied along and is no code. Delete it.",
    "In [3]: " + ANSWER: "Line 1 begins with `In [3]:`, which was copied along and is no code. Delete it.",
    "[3]: " + ANSWER: "Line 1 begins with `[3]:`, which was copied along and is no code. Delete it.",
    f"```python\n{ANSWER}\n```": "Line 1 is Markdown's mark around code, and no code. Delete it, and the one at the end.",
    f'"""What\u2019s this"""\n{ANSWER}\nprint(\u2018done\u2019)': "Line 4 holds `\u2018` (U+2018) where Python wants `'`. Type it anew.",
}
ELSE = {
    "it can be read": f'"""\u201cquoted\u201d"""\n{ANSWER}',
    "a colon is missing": ANSWER.replace(":", ""),
    "a colon is missing, and a text has such marks": f'"""\u201cquoted\u201d"""\n{ANSWER.replace("):", ")")}',
    "a stub and a bracket": "def sigmoid(x):\n    ...\n    return (1",
    "nothing": "",
}


@pytest.mark.parametrize("source", FOUND)
def test_what_looks_like_code_is_named(source):
    assert look_alike(source) == FOUND[source]


@pytest.mark.parametrize("source", ELSE.values(), ids=ELSE)
def test_other_mistakes_are_not_put_down_to_it(source):
    assert look_alike(source) == ""


@pytest.mark.parametrize("source", FOUND)
def test_a_page_of_the_site_says_it(source):
    from contextlib import nullcontext

    verdict, _ = judged(source, "sigmoid", patience=60.0, limit=lambda seconds, verdict: nullcontext())
    assert (verdict.status, verdict.hint) == ("unreadable", FOUND[source])
