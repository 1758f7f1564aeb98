"""Predictions and quizzes: a reader commits to an answer before the cell that shows it; wrong choices say why.

The questions' texts stand in the chapters (`notebooks/*.md`); `course build` puts them into this folder as JSON, so that
a notebook finds them wherever the package is installed. Nothing is sent anywhere; see `history`.
"""

import html
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from course_utils.learner.history import history
from course_utils.plotting.widgets import live
from course_utils.texts import _

LETTERS = "ABCDEF"
# A widget's text is smaller than a notebook's, and its lines stand far apart.
AS_PROSE = (
    '<div style="font-size:var(--jp-content-font-size1,14px);line-height:var(--jp-content-line-height,1.6)">{}</div>'
)
MARKS = {
    "noted": ("info", "dot-circle-o"),
    "right": ("success", "check"),
    "wrong": ("danger", "times"),
}  # a button's style, icon
# Every sentence that is not a chapter's own, with named fields.
WORDS = {
    "guess_first": _("Guess first"),
    "before": _("Choose before you run the next cell: {letters}."),
    "noted": _("Noted: {letter}. Now run on and see."),
    "right_guess": _("You guessed {letter}, and that is it."),
    "wrong_guess": _("You guessed {letter}. It is {answer}."),
    "no_guess": _("It is {answer}."),
    "yes": _("Yes."),
    "no": _("No."),
    "open": _("Open the choice that you think is right."),
    "summary": _("Your predictions: {right} of {made} right, {skipped} skipped."),
    "none_made": _("You made no predictions this time. Run the chapter again one cell at a time: guess, then look."),
    "row": _("{mark} {question} You said: {guess}. Measured: {answer}."),
}


@dataclass(frozen=True)
class Shown:
    """Something to read, as text and as HTML."""

    text: str
    markup: str

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return self.markup


def predict(name: str) -> Shown | None:
    """Ask the reader to commit to an answer: buttons in a live notebook, the question and its choices elsewhere.

    Args:
        name: the prediction's name in its chapter.

    Raises:
        ValueError: there is no such prediction.
    """
    question = _question(name, "predictions")
    if live():
        _buttons(name, question)
        return None
    return asked(question)


def asked(question: dict) -> Shown:
    """A prediction with its choices, where no button is live."""
    letters = ", ".join(LETTERS[: len(question["choices"])])
    before = WORDS["before"].format(letters=letters)
    text = [f"{WORDS['guess_first']}: {_plain(question['question'])}"]
    text += _lettered(map(_plain, question["choices"]))
    return Shown("\n".join([*text, before]), _boxed(_asked(question) + _list(question["choices"]) + f"<p>{before}</p>"))


def reveal(name: str) -> Shown:
    """Put the reader's guess beside what was measured, and say why.

    Args:
        name: the prediction's name in its chapter.

    Raises:
        ValueError: there is no such prediction.
    """
    return revealed(_question(name, "predictions"), _last("prediction").get(name))


def revealed(question: dict, guess: int | None) -> Shown:
    """A prediction's answer beside the reader's guess, which is None where there is none."""
    right = question["answer"]
    kind = "no_guess" if guess is None else "right_guess" if guess == right else "wrong_guess"
    answer = f"{LETTERS[right]}: {question['choices'][right]}"
    verdict = WORDS[kind].format(answer=answer.rstrip("."), letter=None if guess is None else LETTERS[guess])
    text = f"{_plain(verdict)}\n{_plain(question['because'])}"
    return Shown(text, _boxed(f"<p><strong>{verdict}</strong></p><p>{question['because']}</p>"))


def predictions(chapter: str) -> Shown:
    """How the reader's guesses in a chapter went.

    Args:
        chapter: its name, like "02_sigmoid".

    Raises:
        ValueError: there is no such chapter.
    """
    of_chapter = _chapter(chapter)["predictions"]
    return reviewed(of_chapter, {name: guess for name, guess in _last("prediction").items() if name in of_chapter})


def reviewed(asked: dict, made: dict) -> Shown:
    """How guesses went: `asked` holds a chapter's predictions by name, `made` the choices of those that were made."""
    if not made:
        return Shown(WORDS["none_made"], _boxed(f"<p>{WORDS['none_made']}</p>"))
    right = sum(asked[name]["answer"] == guess for name, guess in made.items())
    rows = [
        WORDS["row"].format(
            mark="✓" if asked[name]["answer"] == guess else "✗",
            question=asked[name]["question"],
            guess=asked[name]["choices"][guess],
            answer=asked[name]["choices"][asked[name]["answer"]],
        )
        for name, guess in made.items()
    ]
    head = WORDS["summary"].format(right=right, made=len(made), skipped=len(asked) - len(made))
    markup = f"<p><strong>{head}</strong></p><ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"
    return Shown("\n".join([head, *map(_plain, rows)]), _boxed(markup))


def quiz(chapter: str) -> Shown | None:
    """The questions at a chapter's end: buttons in a live notebook; elsewhere each choice opens to its explanation.

    Args:
        chapter: its name, like "02_sigmoid".

    Raises:
        ValueError: there is no such chapter.
    """
    questions = _chapter(chapter)["quiz"]
    if live():
        for number, question in enumerate(questions, start=1):
            _quiz_buttons(number, question)
        return None
    return quiz_shown(questions)


def quiz_shown(questions: list[dict]) -> Shown:
    """A chapter's quiz, where no button is live."""
    shown = [_quiz_question(question, f"{number}. ") for number, question in enumerate(questions, start=1)]
    text = "\n".join([WORDS["open"], *map(repr, shown)])
    return Shown(text, f"<div><p>{WORDS['open']}</p>{''.join(one.markup for one in shown)}</div>")


def missed_questions() -> list[Shown]:
    """The questions whose last answer was wrong, newest first, each to be shown again without its answer."""
    missed = {}
    for event in history().events():
        shown = _again(event) if event["kind"] in ("prediction", "quiz") else None
        missed.pop(event["name"], None)
        if shown:
            missed[event["name"]] = shown
    return list(missed.values())[::-1]


def _again(event):
    """A question as a quiz question, where the choice of this event was wrong; else None."""
    predictions_, quizzes = {}, {}
    for chapter in _chapters().values():
        predictions_ |= chapter["predictions"]
        quizzes |= {question["name"]: question for question in chapter["quiz"]}
    if event["kind"] == "prediction":
        question = predictions_.get(event["name"])
        question = question and question | {"choices": _as_quiz_choices(question)}
    else:
        question = quizzes.get(event["name"])
    return _quiz_question(question) if question and not question["choices"][event["choice"]]["right"] else None


def _as_quiz_choices(prediction):
    return [
        {"choice": choice, "right": place == prediction["answer"], "why": prediction["because"]}
        for place, choice in enumerate(prediction["choices"])
    ]


def _quiz_question(question, number=""):
    text = [f"{number}{_plain(question['question'])}"]
    text += [f"   {line}" for line in _lettered(_plain(choice["choice"]) for choice in question["choices"])]
    markup = f"<p><strong>{number}{question['question']}</strong></p>{''.join(map(_opening, question['choices']))}"
    return Shown("\n".join(text), markup)


def _last(kind):
    """Question -> the choice that was made last, for predictions or for quiz questions."""
    return {event["name"]: event["choice"] for event in history().events(kind)}


def _opening(choice):
    return (
        '<details style="margin:.2em 1em;padding:.2em .6em;border:1px solid #808080;border-radius:.3em">'
        f'<summary style="cursor:pointer">{choice["choice"]}</summary><p>{_judged(choice)}</p></details>'
    )


def _judged(choice):
    return f"<strong>{WORDS['yes' if choice['right'] else 'no']}</strong> {choice['why']}"


def _buttons(name, question):
    """One button a choice; a click notes the guess and says so."""

    def note(choice: int) -> tuple[str, str]:
        history().record("prediction", name, choice=choice)
        return WORDS["noted"].format(letter=LETTERS[choice]), "noted"

    _show_with_buttons(_boxed(_asked(question) + _list(question["choices"])), len(question["choices"]), note)


def _quiz_buttons(number, question):
    """One button a choice; a click shows its explanation."""

    def answer(choice: int) -> tuple[str, str]:
        history().record("quiz", question["name"], choice=choice)
        mark = "right" if question["choices"][choice]["right"] else "wrong"
        return f"{LETTERS[choice]}. {_judged(question['choices'][choice])}", mark

    asked = f"<p><strong>{number}. {question['question']}</strong></p>" + _list(
        [c["choice"] for c in question["choices"]]
    )
    _show_with_buttons(asked, len(question["choices"]), answer)


def _show_with_buttons(markup, choices, clicked):
    """Show a question over a row of lettered buttons; a click marks its button and says below what `clicked(place)` gives."""
    import ipywidgets
    from IPython.display import display

    said = ipywidgets.HTML()

    buttons = [
        ipywidgets.Button(description=letter, layout=ipywidgets.Layout(width="5em")) for letter in LETTERS[:choices]
    ]

    def choose(chosen: object) -> None:
        words, mark = clicked(buttons.index(chosen))
        said.value = AS_PROSE.format(words)
        for button in buttons:
            button.button_style, button.icon = MARKS[mark] if button is chosen else ("", "")

    for button in buttons:
        button.on_click(choose)
    display(ipywidgets.VBox([ipywidgets.HTML(AS_PROSE.format(markup)), ipywidgets.HBox(buttons), said]))


def _asked(question):
    return f"<p><strong>{WORDS['guess_first']}:</strong> {question['question']}</p>"


def _list(choices):
    """Lettered by hand: the style sheets of notebooks and pages number every list 1, 2, 3."""
    return f'<p style="margin-left:1em">{"<br>".join(_lettered(choices))}</p>'


def _lettered(choices):
    return [f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False)]


def _boxed(markup):
    return f'<div style="border-left:.3em solid #0072B2;padding:.1em .8em">{markup}</div>'


def _plain(markup):
    """The text of a question's HTML, for text outputs and screen readers."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


@cache
def _chapters():
    folder = resources.files(__name__)
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return {f.name.removesuffix(".json"): json.loads(f.read_text("utf-8")) for f in files}


def _chapter(name):
    if name not in _chapters():
        raise ValueError(f"There is no chapter {name!r} with questions; the chapters are: {', '.join(_chapters())}.")
    return _chapters()[name]


def _question(name, kind):
    for chapter in _chapters().values():
        if name in chapter[kind]:
            return chapter[kind][name]
    raise ValueError(f"There is no question {name!r}; if it is new, run: course build")
