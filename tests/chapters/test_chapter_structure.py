"""Each chapter has the same rooms in the same order; each prediction is asked before it is answered; each quiz teaches."""

import json
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from course_utils.exercises import chapters as exercise_chapters
from course_utils.exercises import exercise

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.md") if path.stem[:2] != "00")  # it has no rooms
ROOMS = ["Predict", "The idea", "Run it", "Look", "Try it for real", "Myth or measured?", "Traps",
         "Good for, not so good for", "Quiz", "Remember", "Exercises", "Sources"]  # fmt: skip
REGISTER = re.compile(r"\b(simply|obviously|of course|trivial(ly)?)\b", re.IGNORECASE)


@pytest.fixture(params=CHAPTERS)
def chapter(request):
    return request.param


@pytest.fixture
def source(root, chapter):
    return (root / "notebooks" / f"{chapter}.md").read_text("utf-8")


@pytest.fixture
def cells(root, chapter):
    return nbformat.read(root / "notebooks" / f"{chapter}.ipynb", as_version=4).cells


@pytest.fixture
def questions(root, chapter):
    return json.loads((root / "course_utils/learner/questions" / f"{chapter}.json").read_text("utf-8"))


def room(source, name):
    return re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", source, re.DOTALL | re.MULTILINE)[1]


def test_the_rooms_are_there_in_their_order_and_appendices_behind_them(source):
    found = re.findall(r"^## (.+)$", source, re.MULTILINE)
    assert found == [*ROOMS, *(room for room in found if room.startswith("Appendix: "))]


def test_the_opening_says_what_and_how_long(source):
    opening = source.partition("\n## ")[0]
    _, _, aims = opening.partition("**You will be able to**")
    assert len(re.findall(r"^- ", aims, re.MULTILINE)) == 3
    assert re.search(r"^\*\*Time:\*\* about .*, and .* for the exercises\.$", aims, re.MULTILINE)


def test_the_exercises_take_what_the_opening_says(source, chapter):
    said = re.search(r"and (\d+|an hour)(?: minutes)? more for the exercises\.$", source, re.MULTILINE)[1]
    minutes = sum(exercise(name).minutes for name in exercise_chapters()[chapter])
    assert abs((60 if said == "an hour" else int(said)) - minutes) <= 3, f"they take {minutes} minutes"


def test_the_formula_is_read_aloud(source):
    idea = room(source, "The idea")
    assert "$$" in idea
    assert "**Read aloud:**" in idea


def test_remember_has_five_lines(source):
    assert re.findall(r"^(\d)\. ", room(source, "Remember"), re.MULTILINE) == list("12345")


def test_plus_and_minus(source):
    assert {"- **+**", "- **−**"} <= set(
        re.findall(r"^- \*\*.\*\*", room(source, "Good for, not so good for"), re.MULTILINE)
    )


def test_the_experiments_say_what_they_cannot_show(source):
    assert "**What this can't tell you:**" in source


def test_then_and_now(source):
    assert "Then and now" in room(source, "Run it")


def test_each_prediction_is_answered_after_it_is_asked(cells, questions):
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    for name in questions["predictions"]:
        asked, answered = code.index(f'predict("{name}")'), code.index(f'reveal("{name}")')
        assert answered > asked + 1, name  # a cell between the two shows it


def test_the_guesses_are_reviewed_after_the_last_one_and_before_the_appendices(cells, chapter):
    appendix = re.compile(r"^## Appendix: ", re.MULTILINE)
    first = next(
        (n for n, c in enumerate(cells) if c.cell_type == "markdown" and appendix.search(c.source)), len(cells)
    )
    code = [cell.source for cell in cells[:first] if cell.cell_type == "code"]
    assert code[-1] == f'predictions("{chapter}")'
    assert not any(cell.source.startswith(("predict(", "reveal(")) for cell in cells[first:])


def test_each_reveal_stands_directly_after_its_result(cells, questions):
    """Prose between a result and its reveal says what came out, and reads the answer out before it is asked for."""
    for name in questions["predictions"]:
        place = next(n for n, c in enumerate(cells) if c.source == f'reveal("{name}")')
        between = [cell.cell_type for cell in until_answered(cells, place, name)]
        result = between.index("code")
        assert "markdown" not in between[result:], name


def test_a_right_choice_is_not_known_by_its_length(chapter, questions):
    """Nor by the second half of a sentence that no other choice has."""
    asked = {name: (one["choices"], one["answer"]) for name, one in questions["predictions"].items()}
    asked |= {
        one["name"]: ([c["choice"] for c in one["choices"]], [c["right"] for c in one["choices"]].index(True))
        for one in questions["quiz"]
    }
    longest = {name for name, (choices, right) in asked.items() if stands_out(choices, right)}
    assert not longest, f"{chapter}: give the right choice as few words as the others have"


def stands_out(choices, right):
    lengths = [len(choice) for choice in choices]
    return lengths[right] > max(20, 1.4 * max(length for place, length in enumerate(lengths) if place != right))


def test_the_quiz_has_five_questions_and_a_reason_for_each_choice(questions):
    assert len(questions["quiz"]) >= 5
    for question in questions["quiz"]:
        reasons = [choice["why"] for choice in question["choices"]]
        assert sum(choice["right"] for choice in question["choices"]) == 1
        assert len(set(reasons)) == len(reasons) >= 3
        assert all(len(reason) > 20 for reason in reasons)


def test_code_cells_are_short(cells):
    lines = [len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code" and not in_the_open(cell)]
    assert sorted(lines)[len(lines) // 2] <= 3
    assert max(lines) <= 15
    assert all(len(cell.source.splitlines()) <= 30 for cell in cells if in_the_open(cell))


def in_the_open(cell):
    """A cell that does in plain lines what later cells call by one name."""
    return "open-loop" in cell.metadata.get("tags", ())


def test_no_word_that_makes_a_learner_feel_slow(source):
    prose = re.sub(r"^```\{code-cell\}.*?^```$", "", source, flags=re.DOTALL | re.MULTILINE)
    assert [match[0] for match in REGISTER.finditer(prose)] == []


def test_nothing_gives_a_prediction_away(cells, questions):
    """Neither a name nor code or prose between a question and its answer has a word or a number that only the answer has."""
    for name, asked in questions["predictions"].items():
        place = next(n for n, c in enumerate(cells) if c.source == f'reveal("{name}")')
        wrong = [choice for number, choice in enumerate(asked["choices"]) if number != asked["answer"]]
        telling = words(asked["choices"][asked["answer"]]) - words(" ".join([asked["question"], *wrong]))
        seen = [name, *(cell.source for cell in until_answered(cells, place, name))]
        assert [(name, text, told) for text in seen if (told := words(text) & telling)] == []


def test_what_is_said_after_an_answer_is_folded_in_the_edition_to_work_in(root, chapter):
    """No cell has been run there, so it stands right below the question."""
    cells = nbformat.read(root / "workbooks" / f"{chapter}.ipynb", as_version=4).cells
    after = [cell for before, cell in pairwise(cells) if before.source.startswith("reveal(")]
    open_ = [cell.source for cell in after if cell.cell_type == "markdown" and not FOLDED_OR_NEW.match(cell.source)]
    assert after
    assert open_ == []


FOLDED_OR_NEW = re.compile(
    r"(<details (?:(?!</details>).)*</details>\s*)?(#|\*\*Your turn|\*\*What this can't tell you|$)", re.DOTALL
)


def until_answered(cells, place, name):
    """The cells between a question, or the last heading after it, and its answer."""
    start = max(n for n, c in enumerate(cells[:place]) if c.source == f'predict("{name}")' or (re.search(r"^#+ ", c.source, re.MULTILINE) and c.cell_type == "markdown"))  # fmt: skip
    return [cell for cell in cells[start:place] if not re.fullmatch(r"(predict|reveal)\(.*\)", cell.source)]


# Words that say nothing of an answer, and endings that a word may have or not.
COMMON = set(["about", "with", "than", "that", "this", "they", "them", "from", "what", "which", "each", "such", "same", "also", "only", "more", "less", "have", "will", "does", "still", "into", "after", "before", "between", "under", "over", "above", "other", "without", "another", "where", "when", "because", "since", "most", "many", "like", "made", "make", "well"])  # fmt: skip


def words(text):
    """Longer words without their endings, and numbers of two digits or more; 95 % is 0.95, too."""
    text = re.sub(r"<[^>]+>", "", text).replace("_", " ").lower()
    plain = {re.sub(r"(ing|ed|es|s|ly)$", "", word) for word in re.findall(r"[a-z]{4,}", text) if word not in COMMON}
    numbers = [n.replace(",", "") for n in re.findall(r"\d+(?:[.,]\d+)*", text)]
    long = [float(n) for n in numbers if len(n.strip("0.").replace(".", "")) > 1 and n.count(".") < 2]
    return plain | set(long) | {round(number / 100, 6) for number in long}


def test_what_gives_an_answer_away_is_seen():
    assert words("more than 95 % of the GELUs") & words("(plain.accuracies > 0.95)") == {0.95}
    assert words("less than a millionth") & words("falls to a millionth") == {"millionth"}
    assert words("about half") & words("about a third") == set()
