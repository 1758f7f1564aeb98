"""Predictions and quizzes, as they stand in the chapters and as a reader meets them."""

from html.parser import HTMLParser

import pytest

from course_utils.learner import questions


def guess(**choices):
    for name, choice in choices.items():
        questions.history().record("prediction", name, choice=choice)


class Balanced(HTMLParser):
    """Fails on a tag that is closed twice or not at all."""

    def __init__(self, markup):
        super().__init__()
        self.open = []
        self.feed(markup)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_static_page_shows_the_question_and_waits_with_the_answer():
    shown = questions.predict("ten_layers")
    assert "A. about half of it" in repr(shown)
    assert "All five seeds agree" not in repr(shown)
    Balanced(shown._repr_html_())


def test_the_answer_stands_beside_the_guess():
    assert repr(questions.reveal("ten_layers")).startswith("It is D: less than a millionth of it.")
    guess(ten_layers=0)
    assert repr(questions.reveal("ten_layers")).startswith("You guessed A. It is D: less than a millionth of it.")
    guess(ten_layers=3)
    assert repr(questions.reveal("ten_layers")).startswith("You guessed D, and that is it.")


def test_buttons_note_a_guess(monkeypatch):
    monkeypatch.setattr(questions, "live", lambda: True)
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert questions.predict("largest_slope") is None
    _, row, noted = shown[0].children
    row.children[2].click()
    assert questions._last("prediction") == {"largest_slope": 2}
    assert questions._plain(noted.value) == "Noted: C. Now run on and see."
    assert [button.button_style for button in row.children] == ["", "", "info", ""]
    row.children[0].click()
    assert [bool(button.icon) for button in row.children] == [True, False, False, False]


def test_summary():
    assert repr(questions.predictions("02_sigmoid")).startswith("You made no predictions this time.")
    guess(ten_layers=3, adam=0)
    text = repr(questions.predictions("02_sigmoid")).splitlines()
    assert text[0] == "Your predictions: 1 of 2 right, 4 skipped."
    assert len(text) == 3


def chapters():
    return list(questions._chapters())


@pytest.mark.parametrize("chapter", [name for name in chapters() if name != "00_start_here"])  # it asks no questions
def test_quiz(chapter):
    shown = questions.quiz(chapter)
    Balanced(shown._repr_html_())
    assert len(questions._chapter(chapter)["quiz"]) >= 5
    # The right answer's place gives nothing away.
    places = [[c["right"] for c in q["choices"]].index(True) for q in questions._chapter(chapter)["quiz"]]
    assert len(set(places)) > 1


def test_quiz_buttons_explain_each_choice(monkeypatch):
    monkeypatch.setattr(questions, "live", lambda: True)
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert questions.quiz("02_sigmoid") is None
    asked = questions._chapter("02_sigmoid")["quiz"]
    assert len(shown) == len(asked)
    _, row, said = shown[0].children
    for button, choice in zip(row.children, asked[0]["choices"], strict=True):
        button.click()
        assert choice["why"] in said.value
        assert ("Yes." if choice["right"] else "No.") in said.value
    assert questions._last("quiz") == {asked[0]["name"]: len(asked[0]["choices"]) - 1}


def test_missed_questions_come_again_newest_first():
    quiz = questions._chapter("02_sigmoid")["quiz"][0]
    wrong, right = ([c["right"] for c in quiz["choices"]].index(state) for state in (False, True))
    guess(ten_layers=0, adam=0)
    questions.history().record("quiz", quiz["name"], choice=wrong)
    first, *others = map(repr, questions.missed_questions())
    assert first.startswith("What is the range of the sigmoid")
    assert len(others) == 2
    guess(ten_layers=3)
    questions.history().record("quiz", quiz["name"], choice=right)
    (left,) = questions.missed_questions()
    assert repr(left).startswith("Four hidden layers of sigmoids")
    Balanced(left.markup)


def test_names_are_unique_in_the_course():
    names = [name for chapter in questions._chapters().values() for name in chapter["predictions"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: questions.predict("twelve"), "There is no question 'twelve'; if it is new, run: course build"),
        (lambda: questions.quiz("02_sigmod"), "There is no chapter '02_sigmod' with questions; the chapters are: "),
    ],
)
def test_unknown_names(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
