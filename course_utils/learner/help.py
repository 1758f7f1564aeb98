"""Help for a learner between two checks: `hint`, `solution`, `progress` and `review`."""

import html
import inspect
import json
import os
import sys
import textwrap
from collections.abc import Callable
from importlib.metadata import metadata
from pathlib import Path

from course_utils.checking.verdict import marked
from course_utils.exercises import chapters, exercise, exercise_names
from course_utils.learner.check import exercise_of
from course_utils.learner.history import history
from course_utils.learner.questions import Shown, missed_questions
from course_utils.texts import _

TRIED = ("passed", "failed", "raised", "forbidden", "timeout")  # statuses that count as an attempt
REVIEWED = 5  # things in a review: about five minutes
WORDS = {
    "hint": _("Hint {number} of {all} for {name}: {hint}"),
    "no_more_hints": _(
        "That was the last hint for {name}: {hint}\nAfter an attempt, `solution({name})` shows one right answer."
    ),
    "try_first": _(
        "Try first: write an answer and `check({name})` it. To see the solution all the same: `solution({name}, anyway=True)`."
    ),
    "heading": _("{chapter}: {done} of {all} exercises, {points} of {most} points"),
    "row": "{state}: {names}",
    "forgets": _(
        'This machine forgets your history when the session ends: `progress(export="mine.json")` saves it to a file that you can download.'
    ),
    "exported": _("Your history is saved as {path}."),
    "passed": _("passed"),
    "tried": _("tried"),
    "open": _("open"),
    "nothing": _(
        "There is nothing to review: no prediction, quiz answer or exercise of yours is waiting for a second look."
    ),
    "review": _("Five minutes, on what you had trouble with:"),
    "again": _("{name}: {hint}\nTry it again, then: check({name})"),
}


def hint(function: Callable | str) -> Shown:
    """The next hint for an exercise; each call gives one more.

    Args:
        function: the learner's function, or the exercise's name.

    Returns:
        The hint, to be shown.

    Raises:
        ValueError: no exercise has this name.
    """
    spec = exercise_of(function, sys._getframe(1))
    used = sum(event["name"] == spec.name for event in history().events("hint"))
    history().record("hint", spec.name)
    if used >= len(spec.hints):
        return _text(WORDS["no_more_hints"].format(name=spec.name, hint=spec.hints[-1]))
    return _text(WORDS["hint"].format(number=used + 1, all=len(spec.hints), name=spec.name, hint=spec.hints[used]))


def solution(function: Callable | str, *, anyway: bool = False) -> "Shown | Solution":
    """One right answer to an exercise, and why it is right; after an attempt.

    Args:
        function: the learner's function, or the exercise's name.
        anyway: True shows it without an attempt.

    Returns:
        The solution, to be shown.

    Raises:
        ValueError: no exercise has this name.
    """
    spec = exercise_of(function, sys._getframe(1))
    tried = any(event["name"] == spec.name and event.get("status") in TRIED for event in history().events("attempt"))
    if not tried and not anyway:
        return _text(WORDS["try_first"].format(name=spec.name))
    return Solution(spec)


class Solution:
    """An exercise's model answer with its explanation, as Markdown where the front end can show it."""

    def __init__(self, spec):
        source = textwrap.dedent(inspect.getsource(spec.solution)).strip()
        self.markdown = f"```python\n{source}\n```\n\n{spec.explanation.strip()}"

    def __repr__(self):
        return self.markdown

    def _repr_markdown_(self):
        return self.markdown


def progress(export: str | Path | None = None) -> Shown:
    """What is done, chapter by chapter.

    Args:
        export: path of a JSON file to save the whole history to; on Colab and Binder it lives no longer than the session.

    Returns:
        The overview, to be shown.
    """
    if export is not None:
        Path(export).write_text(json.dumps(history().events(), indent=1) + "\n", encoding="utf-8")
        return _text(WORDS["exported"].format(path=export))
    best, text, markup = _best(), [], ""
    for chapter, names in chapters().items():
        states = {name: best.get(name, "open") for name in names}
        done = [name for name in names if states[name] == "passed"]
        points, most = (sum(exercise(name).points for name in some) for some in (done, names))
        head = WORDS["heading"].format(chapter=chapter, done=len(done), all=len(names), points=points, most=most)
        rows = list(_by_state(states))
        text += [f"{head} [{'#' * len(done)}{'.' * (len(names) - len(done))}]", *(f"  {row}" for row in rows)]
        lines = "<br>".join(map(html.escape, rows))
        link = html.escape(_address(f"exercises/{chapter}.ipynb"))
        markup += (
            f"<p><strong><a href='{link}'>{head}</a></strong><br>{_bar(len(done), len(names), head)}<br>{lines}</p>"
        )
    if _lent():
        text.append(WORDS["forgets"])
        markup += f"<p>{marked(WORDS['forgets'])}</p>"
    return Shown("\n".join(text), f"<div>{markup}</div>")


def _address(path):
    """Where a notebook of the course opens: on Colab by its address on GitHub, elsewhere beside the notebook at hand."""
    if "google.colab" not in sys.modules:
        return f"../{path}"
    urls = dict(line.split(", ", 1) for line in metadata("course-utils").get_all("Project-URL"))
    repository = urls["Repository"].removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{repository}/blob/main/{path}"


def _lent():
    """Whether this is Colab or Binder, whose disks go with the session."""
    return "google.colab" in sys.modules or "BINDER_SERVICE_HOST" in os.environ


def _by_state(states):
    for state in ("passed", "tried", "open"):
        if names := [name for name, its_state in states.items() if its_state == state]:
            yield WORDS["row"].format(state=WORDS[state], names=", ".join(names))


def review() -> Shown:
    """A short session made of the learner's own missed predictions, quiz answers and misconceptions, newest first.

    Returns:
        The questions and hints, to be shown.
    """
    best, seen, again = _best(), set(), []
    for event in reversed(history().events("attempt")):
        name, misconception = event["name"], event.get("misconception")
        if misconception and name in exercise_names() and best.get(name) != "passed" and name not in seen:
            seen.add(name)
            known = {m.name: m.hint for m in exercise(name).misconceptions}
            again.append(
                _text(WORDS["again"].format(name=name, hint=known.get(misconception, exercise(name).next_step)))
            )
    items = [*again, *missed_questions()][:REVIEWED]
    if not items:
        return _text(WORDS["nothing"])
    text = "\n\n".join([WORDS["review"], *map(repr, items)])
    return Shown(text, f"<p><strong>{WORDS['review']}</strong></p>{''.join(item.markup for item in items)}")


def _best():
    """Exercise -> "passed" or "tried", for those that were attempted."""
    best = {}
    for event in history().events("attempt"):
        if event.get("status") == "passed":
            best[event["name"]] = "passed"
        elif event.get("status") in TRIED:
            best.setdefault(event["name"], "tried")
    return best


def _bar(done, every, words):
    width = round(100 * done / every)
    return (
        f'<span role="img" aria-label="{html.escape(words)}" style="display:inline-block;width:12em;height:.7em;'
        f'border:1px solid #808080"><span style="display:block;width:{width}%;height:100%;background:#009E73"></span></span>'
    )


def _text(words):
    lines = "<br>".join(map(marked, words.splitlines()))
    return Shown(words, f"<p>{lines}</p>")
