"""The hand-out for a class: what is in it, what is not, and that a student can work with it."""

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils import cli
from course_utils.building.kernels import kernel_environment
from course_utils.building.sources import stub
from course_utils.exercises import chapters, exercise, exercise_names
from course_utils.releasing.exercise_files import without_solution
from course_utils.releasing.handout import page
from course_utils.releasing.release import ReleaseError, release

CHAPTER = "02_sigmoid"
ALL = exercise_names()
COURSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """With and without the check: the folders."""
    folders = {check: tmp_path_factory.mktemp("out") / "class" for check in (True, False)}
    for check, out in folders.items():
        release(COURSE, out, check=check)
    return folders


def files(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def texts(out):
    return {name: content.decode() for name, content in files(out).items()}


def body(source, name):
    """The statements of a function, as Python reads them, its name aside."""
    found = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name == name]
    return [ast.dump(statement) for statement in found[0].body] if found else None


def of_handout(out, script, *arguments):
    """Run Python with the hand-out's own package, as a student has it installed."""
    environment = kernel_environment(os.environ) | {"PYTHONPATH": str(out), "COURSE_DATA": str(out.parent / "data")}
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    done = subprocess.run(command, cwd=out / "exercises", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_files_of_a_handout(handed_out):
    for check, out in handed_out.items():
        names = set(files(out))
        assert {"README.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock", "environment.yml", "release.json"} < names  # fmt: skip
        assert {f"exercises/{name}.ipynb" for name in chapters()} == {n for n in names if n.startswith("exercises/")}
        assert {f"workbooks/{name}.ipynb" for name in ("00_start_here", *chapters())} == {
            n for n in names if n.startswith("workbooks/")
        }
        assert {n for n in names if n.startswith("notebooks/")} == {"notebooks/references.md"}  # fmt: skip
        assert not [name for name in names if name.startswith(("solutions/", "tests/")) or "__pycache__" in name]
        assert json.loads((out / "release.json").read_text())["check"] is check


@pytest.mark.parametrize("name", ALL)
def test_no_handout_holds_a_model_answer_or_its_explanation(handed_out, name):
    spec, file = exercise(name), f"course_utils/exercises/ch{exercise(name).chapter}/{name}.py"
    for out in handed_out.values():
        everything = texts(out)
        assert body(everything[file], name) == body(stub(spec), name)
        sentences = [line for line in spec.explanation.strip().splitlines() if len(line) > 60]
        assert sentences
        assert not [s for s in sentences for n, text in everything.items() if n.startswith(("course_utils/exercises", "exercises")) and s in text]  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_without_the_check_nothing_in_the_handout_computes_the_answer(handed_out, name):
    spec = exercise(name)
    functions = [spec.solution, spec.reference, spec.accepts, *(m.wrong for m in spec.misconceptions)]
    functions = list(filter(inspect.isfunction, functions))
    lines = {
        line.strip() for f in functions for line in inspect.getsource(f).splitlines()[1:] if len(line.strip()) > 12
    }
    text = (handed_out[False] / f"course_utils/exercises/ch{spec.chapter}/{name}.py").read_text()
    assert not [line for line in lines if line in text]
    assert [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)] == [name]
    folder = handed_out[False] / f"course_utils/exercises/ch{spec.chapter}"
    assert {path.stem for path in folder.iterdir()} == {"__init__", *chapters()[spec.chapter]}


def test_nothing_leads_to_the_solutions(handed_out):
    for out in handed_out.values():
        for name, text in texts(out).items():
            if name.startswith(("exercises/", "notebooks/", "workbooks/")) or name == "README.md":
                assert not [word for word in ("solutions/", "colab.research", "google colab", "mybinder", "/activation-functions") if word in text.lower()], name  # fmt: skip


def links(out):
    """(page, target) for every link in the hand-out that is no address on the web."""
    for path in sorted([*out.glob("*/*.ipynb"), *out.glob("notebooks/*.md")]):
        text = path.read_text()
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        for part in text.split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            if target and "://" not in target:
                yield path, target


def test_links_hold_also_where_some_chapters_are_left_out(handed_out, tmp_path):
    release(COURSE, tmp_path / "out", [CHAPTER])
    for out in (handed_out[True], tmp_path / "out"):
        found = list(links(out))
        assert (out / "exercises" / f"{CHAPTER}.ipynb", f"../workbooks/{CHAPTER}.ipynb") in found
        assert (out / "workbooks" / f"{CHAPTER}.ipynb", "../notebooks/references.md") in found
        assert (out / "notebooks/references.md", f"../workbooks/{CHAPTER}.ipynb") in found
        assert [(path.name, target) for path, target in found if not (path.parent / target).exists()] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a [b](c.ipynb) d", "a b d"),
        ("[b](02.ipynb#there) [b](../x/y.ipynb)", "[b](02.ipynb#there) [b](../x/y.ipynb)"),
        ("[b](#here) [b](https://a.example/c.ipynb) [`b`](../solutions/02.ipynb).", "[b](#here) [b](https://a.example/c.ipynb) `b`."),
        ("![b](picture.png)", "![b](picture.png)"),
        ("a\n\n[x](https://mybinder.org/v2)\n\nb", "a\n\nb"),
    ],
)  # fmt: skip
def test_a_link_that_would_lead_nowhere_leaves_its_words(text, kept):
    assert page(text, "notebooks/01.ipynb", {"notebooks/02.ipynb", "x/y.ipynb"}) == kept


JUDGE = """
import json, sys, inspect, linecache
import course_utils
from course_utils import check
said = {"file": course_utils.__file__}
for name, source in json.loads(sys.argv[1]).items():
    space = {"__name__": "__main__"}
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile("import math\\nimport numpy as np\\n", "setup", "exec"), space)
    exec(compile(source, name, "exec"), space)
    verdict = check(space[name])
    said[name] = [verdict.status, verdict.points]
print(json.dumps(said))
"""


def test_the_handouts_check_judges_as_the_courses_own(handed_out):
    answers = {name: inspect.getsource(exercise(name).solution) for name in ALL}
    said = of_handout(handed_out[True], JUDGE, json.dumps(answers))
    assert said.pop("file").startswith(str(handed_out[True]))
    assert said == {name: ["passed", exercise(name).points] for name in ALL}
    said = of_handout(handed_out[True], JUDGE, json.dumps({name: stub(exercise(name)) for name in ALL}))
    del said["file"]
    assert said == {name: ["missing", 0] for name in ALL}


def test_without_the_check_every_check_says_so(handed_out):
    answers = {name: inspect.getsource(exercise(name).solution) for name in ALL}
    said = of_handout(handed_out[False], JUDGE, json.dumps(answers))
    del said["file"]
    assert said == {name: ["not_run", None] for name in ALL}


@pytest.mark.parametrize("check", [True, False])
def test_a_student_fills_in_a_notebook_and_runs_it(handed_out, check, tmp_path):
    out = handed_out[check]
    notebook = nbformat.read(out / "exercises" / f"{CHAPTER}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.source.startswith("def sigmoid(x)"):
            cell.source = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
    notebook.cells.append(
        nbformat.v4.new_code_cell("import course_utils\nprint(course_utils.__file__)\nsolution(sigmoid, anyway=True)")
    )
    environment = kernel_environment(os.environ) | {"PYTHONPATH": str(out), "COURSE_DATA": str(tmp_path)}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(out / "exercises")}}).execute(env=environment)  # fmt: skip
    printed = json.dumps([cell.get("outputs") for cell in notebook.cells])
    assert str(out) in printed
    assert "This hand-out holds no solutions" in printed
    assert ("sigmoid: passed, 1 of 1 points." in printed) is check
    assert ("This hand-out has no instant check." in printed) is not check
    assert ("logit: not answered yet." in printed) is check


def test_the_same_bytes_each_time_wherever(handed_out, tmp_path):
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    command = [sys.executable, "-m", "course_utils", "release", str(tmp_path / "again")]
    subprocess.run(command, cwd=COURSE, env=environment, check=True, capture_output=True)
    assert files(tmp_path / "again") == files(handed_out[True])


def test_a_model_answer_that_the_check_calls_stays_as_the_reference():
    source = 'EXPLANATION = "é"\n\n\ndef f(x):\n    return 2 * x\n\n\ndef g(x):\n    é = f(x); return é + f(1)\n\n\nEXERCISE = Exercise(solution=f, reference=f)\n'  # fmt: skip
    text = without_solution(source, "f")
    space = {"Exercise": dict}
    exec(text, space)
    assert (space["f"](3), space["g"](3), space["EXERCISE"]["reference"](3)) == (..., 8, 6)
    assert space["EXERCISE"]["solution"] is space["f"]


# ---- the command


def test_the_command_says_what_a_student_can_still_find(tmp_path, capsys):
    assert cli.main(["release", str(tmp_path / "out"), "--chapters", "03_relu", CHAPTER]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Wrote 2 exercise notebooks, the chapters to work through, and the course's package to {tmp_path / 'out'}.\n")  # fmt: skip
    assert "holds for each exercise the reference that the instant check compares with" in said
    assert sorted(path.name for path in (tmp_path / "out" / "exercises").iterdir()) == ["02_sigmoid.ipynb", "03_relu.ipynb"]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out/course_utils/exercises").glob("ch*")) == ["ch02_sigmoid", "ch03_relu"]  # fmt: skip
    assert cli.main(["release", str(tmp_path / "none"), "--without-check"]) == 0
    assert "There are no references either" in capsys.readouterr().out


def test_an_earlier_handout_is_replaced_and_what_is_not_ours_stays(tmp_path):
    out = tmp_path / "out"
    release(COURSE, out, [CHAPTER, "03_relu"])
    (out / "exercises" / "mine.ipynb").write_text("mine")
    (tmp_path / "precious").write_text("mine")
    mark = json.loads((out / "release.json").read_text())
    (out / "release.json").write_text(json.dumps(mark | {"files": [*mark["files"], "../precious", "exercises", 7]}))
    release(COURSE, out, [CHAPTER])
    assert sorted(path.name for path in (out / "exercises").iterdir()) == ["02_sigmoid.ipynb", "mine.ipynb"]
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("mark", [None, "{", "[]", '{"made_by": "me"}', '{"made_by": "course release"}'])
def test_other_peoples_folders_are_refused(tmp_path, mark):
    (tmp_path / "mine.txt").write_text("mine")
    if mark is not None:
        (tmp_path / "release.json").write_text(mark)
    with pytest.raises(ReleaseError, match="holds files that are no earlier hand-out"):
        release(COURSE, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(ReleaseError, match="is a file; expected a folder"):
        release(COURSE, tmp_path / "mine.txt")
    with pytest.raises(ReleaseError, match="can't be written"):
        release(COURSE, tmp_path / "mine.txt" / "out")


def test_wrong_usage(tmp_path, capsys, monkeypatch):
    assert cli.main(["release", str(tmp_path / "out"), "--chapters", "02_sigmod"]) == 2
    assert "There is no chapter '02_sigmod' with exercises; did you mean '02_sigmoid'?" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(cli, "_root", lambda: None)
    assert cli.main(["release", str(tmp_path / "out")]) == 2
    assert "no course here" in capsys.readouterr().err


def test_a_course_that_was_not_built(tmp_path):
    with pytest.raises(ReleaseError, match="LICENSE is missing; run `course build`"):
        release(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
