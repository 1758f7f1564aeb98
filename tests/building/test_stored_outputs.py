"""Which stored outputs a build keeps, and which it makes anew by executing."""

import copy
import json

import nbformat
import pytest

from course_utils.building import build, sources, stored_outputs
from course_utils.building.execute import execute

QUESTIONS = {"predictions": {"size": {"question": "How large?", "choices": ["small", "large"], "answer": 1, "because": "So."}},
             "quiz": []}  # fmt: skip
MODULE = '''"""A module."""
PROMPT = "Write it."


def double(x):
    """Double it."""
    return 2 * x  # a comment
'''


class Made:
    """A notebook that was executed and noted, and the module that it loaded; each test changes something and asks again."""

    def __init__(self, root):
        self.root, self.path, self.module = root, root / "notebooks/99_test.ipynb", root / "package/__init__.py"
        for file in (self.path, self.module):
            file.parent.mkdir()
        self.module.write_text(MODULE)
        self.made = sources._notebook("99-test", [sources._cell(*cell) for cell in CELLS], "a test")
        done = copy.deepcopy(self.made)
        for number, cell in enumerate((c for c in done.cells if c.cell_type == "code"), start=1):
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=number)]
        self.path.write_text(nbformat.writes(done))
        stored_outputs.note(root, self.path, done, [self.module], started=self.module.stat().st_mtime + 1)

    def kept(self, **options):
        stored_outputs._digest_of_file.cache_clear()
        return stored_outputs.kept(self.root, self.path, self.made, QUESTIONS, **options)


CELLS = [("markdown", "# A chapter"), ("code", "double(1)"), ("markdown", "Two."), ("code", 'reveal("size")')]


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path)


def test_what_is_as_it_was_is_kept(made):
    assert made.kept()
    double, reveal = (cell for cell in made.made.cells if cell.cell_type == "code")
    assert (double.execution_count, double.outputs[0].data) == (1, {"text/plain": "2"})
    assert (reveal.execution_count, reveal.outputs[0].execution_count) == (2, 2)
    assert reveal.outputs[0].data["text/plain"] == "It is B: large.\nSo."  # made from the question's text, not kept


def prose(made):
    made.made.cells[0].source = "# Another title"


def a_question_more(made):
    made.made.cells.insert(1, sources._cell("code", 'predict("size")'))


def in_module(old, new):
    def change(made):
        text = made.module.read_text()
        assert old in text
        made.module.write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    "change",
    [
        prose,
        a_question_more,
        in_module("# a comment", ""),
        in_module("Double it.", "Make it twice as large."),
        in_module("A module.", "One module."),
        in_module("Write it.", "Please write it."),
        in_module("\n\n\n", "\n\n\n\n"),
    ],
)
def test_changes_that_no_output_can_show(made, change):
    change(made)
    assert made.kept()


def test_a_question_more_moves_the_numbers_on(made):
    a_question_more(made)
    made.kept()
    code = [cell for cell in made.made.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert [cell.outputs[0].execution_count for cell in code] == [1, 2, 3]
    assert "How large?" in code[0].outputs[0].data["text/plain"]


def code(made):
    made.made.cells[1].source = "double(2)"


def tag(made):
    made.made.cells[1].metadata["tags"] = ["raises-exception"]


def order(made):
    made.made.cells.append(made.made.cells.pop(1))
    made.made.cells.append(sources._cell("code", "3"))


def stored_by_hand(made):
    made.path.write_text(made.path.read_text().replace('"2"', '"3"'))


def no_notebook(made):
    made.path.unlink()


def no_notes(made):
    (made.root / stored_outputs.NOTES).unlink()


def broken_notes(made):
    (made.root / stored_outputs.NOTES).write_text("[")


def module_gone(made):
    made.module.unlink()


def a_module_more(made):
    (made.module.parent / "another.py").write_text("")


@pytest.mark.parametrize("change", [code, tag, order, stored_by_hand, no_notebook, no_notes, broken_notes, module_gone,
                                    a_module_more, in_module("2 * x", "3 * x"), in_module("x):", "x=1):")])  # fmt: skip
def test_changes_that_an_output_could_show(made, change):
    change(made)
    assert not made.kept()
    assert made.made.cells[1].get("outputs", []) == []


def test_another_environment(made, monkeypatch):
    monkeypatch.setattr(stored_outputs, "_environment", lambda: "another TensorFlow")
    assert not made.kept()


def test_a_file_that_was_edited_while_the_notebook_ran_is_not_noted(made):
    no_notes(made)
    stored = nbformat.read(made.path, as_version=4)
    stored_outputs.note(made.root, made.path, stored, [made.module], started=made.module.stat().st_mtime - 1)
    assert not made.kept()


@pytest.mark.parametrize(("change", "kept"), [(no_notes, True), (a_module_more, True), (stored_by_hand, True), (prose, True),
                                              (code, False), (tag, False), (no_notebook, False)])  # fmt: skip
def test_keep_outputs_asks_for_the_code_cells_alone(made, change, kept):
    change(made)
    assert made.kept(unseen=True) is kept


def test_what_a_kernel_showed_of_the_questions_is_what_is_made_without_one(root):
    """The stored chapters came out of kernels or pass nbval: made again without one, they are the same to the byte."""
    made = [target for target in build.targets(root) if target.executed]
    assert len(made) > 10
    for target in made:
        assert stored_outputs.kept(root, target.path, target.content, target.questions, unseen=True), target.path
        assert nbformat.writes(target.content) + "\n" == target.path.read_text("utf-8"), target.path


def test_a_kernel_says_what_it_loaded(tmp_path):
    cells = [sources._cell("code", "from course_utils.activations import lookup")]
    done, loaded = execute(sources._notebook("99-test", cells, "a test"), tmp_path / "99_test.ipynb")
    assert [cell.source for cell in done.cells] == ["from course_utils.activations import lookup"]
    assert {"course_utils/__init__.py", "course_utils/activations/lookup.py"} <= {
        "/".join(path.parts[path.parts.index("course_utils") :]) for path in loaded
    }


HEAD = "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n\n"
SOURCE = HEAD + "# One\n\n```{{code-cell}}\nprint({number})\n```\n\n{prose}\n"


def test_a_build_executes_what_changed(root, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "course_utils/learner/questions").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text("utf-8"), "utf-8")

    def executed(number, prose, **options):
        (tmp_path / "notebooks/99_test.md").write_text(SOURCE.format(number=number, prose=prose))
        built = build.build(tmp_path, ["99_test"], **options)
        made = {path.parent.name: ran for path, ran in built if path.suffix == ".ipynb"}
        texts = [(tmp_path / folder / "99_test.ipynb").read_text() for folder in ("notebooks", "workbooks")]
        assert all(prose in text for text in texts)
        outputs = [[cell.get("outputs") for cell in json.loads(text)["cells"]] for text in texts]
        assert [{"name": "stdout", "output_type": "stream", "text": [f"{number}\n"]}] in outputs[0]
        assert not any(filter(None, outputs[1]))
        assert not made["workbooks"]
        return made["notebooks"]

    assert executed(1, "One.")
    assert not executed(1, "Another.")
    assert executed(1, "Another.", execute_all=True)
    assert executed(2, "Another.")
    (tmp_path / stored_outputs.NOTES).unlink()
    assert not executed(2, "A third.", keep_outputs=True)
