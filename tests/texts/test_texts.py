"""Every sentence in Python code can be translated, and nothing depends on how it reads."""

import ast
import json
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from course_utils.building.translation_template import template
from course_utils.texts import DOMAIN, _

COURSE = Path(__file__).parents[2] / "course_utils"
FIELD = re.compile(r"\{\w+(?:![rs])?(?::[^{}]*)?\}")
NONSENSE = "Xyzzy"
CATALOG = read_po(BytesIO(template(COURSE.parent).encode()), locale="en")
TEMPLATE = {words for one in CATALOG for words in (one.id if isinstance(one.id, tuple) else (one.id,))}


def test_without_a_translation_a_sentence_is_itself():
    assert _("Yes.") == "Yes."


def nonsense(message):
    """One and the same word for whatever is said, with the fields that it is to hold: the hardest translation there is."""
    return " ".join([NONSENSE, *FIELD.findall(message)])


@pytest.fixture(scope="module")
def languages(tmp_path_factory):
    """A folder of translations with one language, xx, in which every sentence is nonsense."""
    folder = tmp_path_factory.mktemp("languages")
    catalog = read_po(BytesIO(template(COURSE.parent).encode()), locale="en")
    for message in catalog:
        if message.id:
            plural = isinstance(message.id, tuple)
            message.string = tuple(map(nonsense, message.id)) if plural else nonsense(message.id)
            message.flags.discard("fuzzy")
    (folder / "xx" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "xx" / "LC_MESSAGES" / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)
    return folder


def behaviour(folder, **environment):
    command = [sys.executable, Path(__file__).with_name("behaviour.py"), folder]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, cwd=COURSE.parent)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_in_a_language_of_nonsense_all_marks_are_the_same(languages, tmp_path):
    english = behaviour(tmp_path / "en", COURSE_LANGUAGE="")
    same = behaviour(tmp_path / "xx", COURSE_LANGUAGE="xx", TEXTDOMAINDIR=str(languages))
    for one, other in zip(english, same, strict=True):
        assert one == other
    page = (tmp_path / "xx" / "report" / "index.html").read_text("utf-8")
    assert NONSENSE in page
    assert "Class report" in (tmp_path / "en" / "report" / "index.html").read_text("utf-8")
    assert "Class report" not in page


@pytest.mark.parametrize("path", sorted(COURSE.rglob("*.py")), ids=lambda path: str(path.relative_to(COURSE)))
def test_what_is_looked_up_is_a_sentence_that_the_template_holds(path):
    tree = ast.parse(path.read_text("utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") in ("_", "ngettext")]
    for call in calls:
        words = call.args[: 1 if call.func.id == "_" else 2]
        assert all(isinstance(word, ast.Constant) and isinstance(word.value, str) for word in words), (
            f"line {call.lineno}: not a plain text"
        )
        assert {word.value for word in words} <= TEMPLATE, f"line {call.lineno}: course build course_utils"
    for joined in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
        looked_up = any(call in ast.walk(joined) for call in calls)
        assert not looked_up, f"line {joined.lineno}: on Python 3.11, Babel finds no sentence inside an f-string"
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        inside = list(ast.walk(function))
        bound = any(isinstance(n, ast.Name) and n.id == "_" and isinstance(n.ctx, ast.Store) for n in inside)
        assert not bound or not any(call in inside for call in calls), f"{function.name}: `_` is a variable here"
