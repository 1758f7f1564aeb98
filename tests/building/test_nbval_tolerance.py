"""`pytest --nbval` passes what a reader may call the same and fails what a reader may not: tables of texts and of cells."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.building.kernels import OWN, SilentOutput, kernel_environment, new_client
from course_utils.building.nbval_tolerance import (
    LOOSEST_RTOL,
    RTOL,
    Text,
    first_difference,
    rtol_of,
)

ROOT = Path(__file__).parents[2]

AGREE = [
    ("0.7310586", "0.73105854"),  # the last digit of a float32, and so the width of its column
    ("[0.7310586  0.5      ]", "[0.73105854 0.5       ]"),
    ("[[ 1.  2.]\n [ 3.  4.]]", "[[1. 2.]\n [3. 4.]]"),
    ("0.", "0.0"),
    ("-0.", "0."),
    ("+0.000", "-0.000"),
    ("1.", "0.99999999"),
    ("16777216.", "16777218."),  # neighbours in float32
    ("1e-05", "1.0000001e-05"),
    ("6.69285e-03", "6.69286e-03"),
    ("6.69285E-03,", "0.00669285,"),
    ("(0.25, -0.5)", "( 0.25, -0.5000001 )"),
    ("at 0.2500001.", "at 0.25."),
    ("1.5-2.5", "1.5 -2.5000001"),
    ("0.5-0.25j", "0.5-0.2500001j"),
    ("1e-13", "-1e-13"),
    ("nan inf -inf", "nan  inf -inf"),
    ("值为0.2345671", "值为0.2345672"),
    ("<td>0.7310586</td>", "<td>0.73105854</td>"),
    ('{"loss": 0.285219}', '{"loss": 0.2852191}'),
    ("a  b\n c", "a b c"),
    ('<img src="data:image/png;base64,iVBORw0KGgo=">', '<img src="data:image/png;base64,iVBORw0KAAA=">'),
    ("", "  \n"),
]
DIFFER = [
    ("0.7310586", "0.7410586"),
    ("0.7310586", "0.7311586"),
    ("9.999", "9.998"),
    ("0.2345", "0.2346"),
    ("2.06e-09", "2.07e-09"),
    ("-0.5", "0.5"),
    ("- 0.5", "0.5"),
    ("+0.5", "-0.5"),
    ("x+0.5", "x 0.5"),
    ("[+0.5]", "[0.5]"),
    ("-0.5", "- 0.5"),
    ("1e-05", "1e+05"),
    ("1e-05", "1e05"),
    ("1e400", "1e500"),  # both overflow to inf
    ("inf", "-inf"),
    ("nan", "0."),
    ("1", "1."),  # the dtype changed
    ("1", "1.0"),
    ("1 2", "12"),
    ("0. 5", "0.5"),
    ("1 .5", "1.5"),
    ("[1. 2.]", "[1. 2. 3.]"),
    ("[1. 2. 3.]", "[1. 2.]"),
    ("shape=(2, 3)", "shape=(3, 2)"),
    ("dtype=float32", "dtype=float64"),
    ("235146", "235147"),
    ("235146.", "235147."),  # within 1e-5, and yet a whole number
    ("There are 235146.", "There are 235147."),
    ("235146.0", "235147.0"),
    ("1-2", "1-3"),
    ("2026-11-23", "2026-11-24"),
    ("1.5.2024", "1.6.2024"),
    ("2.21.0", "2.21.1"),
    ("2.10.0", "2.1.0"),
    ("2.1.2.10", "2.1.2.1"),
    ("numpy-2.1", "numpy-2.10"),
    ("relu_0.5", "relu_0.50000001"),
    ("v1.5", "v1.50"),
    ("#0000e5", "#0000e9"),
    ("550e8400-e29b", "550e8401-e29b"),
    ("ab c", "a bc"),
    ("sigmoid", "Sigmoid"),
    ("the curve rises", "the curve falls"),
    ("<td>0.7310586</td>", "<th>0.7310586</th>"),
    ("−0.5", "0.5"),  # Matplotlib's minus sign
    ("0.5%", "0.5"),
]


@pytest.mark.parametrize(("stored", "now"), AGREE)
def test_texts_that_agree(stored, now):
    assert first_difference(stored, now) is None
    assert Text(stored) == Text(now)
    assert Text(now) == Text(stored)


@pytest.mark.parametrize(("stored", "now"), DIFFER)
def test_texts_that_differ(stored, now):
    assert first_difference(stored, now) is not None
    assert Text(stored) != Text(now)
    assert Text(now) != Text(stored)


@pytest.mark.parametrize(
    ("stored", "now", "sentence"),
    [
        (
            "loss: 0.2852",
            "loss: 0.2853",
            "Word 3 differs: stored '0.2852', now '0.2853' (relative difference 3.5e-04, allowed 1e-05).",
        ),
        ("two layers", "two units", "Word 2 differs: stored 'layers', now 'units'."),
        ("1. 2.", "1.", "Word 2 differs: stored '2.', the new output ends there."),
        ("1.", "1. 2.", "Word 2 differs: the stored output ends there, now follows '2.'."),
    ],
)
def test_first_difference_names_the_word(stored, now, sentence):
    assert first_difference(stored, now) == sentence


@pytest.mark.parametrize("tags", [[], ["hide-input"]])
def test_without_a_tag_the_tolerance_is_the_course_s(tags):
    assert rtol_of(tags) == RTOL


def test_a_tag_loosens_to_1e_4_and_the_4th_digit_still_fails():
    assert rtol_of(["nbval-rtol-1e-4"]) == LOOSEST_RTOL
    assert first_difference("0.12345", "0.12346", rtol=LOOSEST_RTOL) is None
    assert first_difference("9.999", "9.998", rtol=LOOSEST_RTOL) is not None


@pytest.mark.parametrize("tag", ["nbval-rtol-1e-3", "nbval-rtol-1.1e-4", "nbval-rtol-nan", "nbval-rtol--1e-5"])
def test_a_looser_tag_is_an_author_s_error(tag):
    sentence = (
        f"The tag '{tag}' is looser than nbval-rtol-1e-4, the most that a cell may ask for. "
        "Do not store what varies more: assert a band in the cell."
    )
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the sentence is compared whole)
        rtol_of([tag])
    assert str(error.value) == sentence


def test_a_tag_that_is_no_number_is_an_author_s_error():
    with pytest.raises(ValueError, match=r"'nbval-rtol-loose' does not end in a number, such as nbval-rtol-1e-4\.$"):
        rtol_of(["nbval-rtol-loose"])


def test_the_kernel_s_environment_tells_of_static_output_and_of_nobody_s_settings():
    environ = {
        "PATH": "/bin",
        "PYTEST_CURRENT_TEST": "x",
        "PYTEST_VERSION": "9",
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": "mine",
        "IPYTHONDIR": "mine",
        "KERAS_BACKEND": "jax",
        "KERAS_MAX_EPOCHS": "1",
        "TF_USE_LEGACY_KERAS": "1",
        "PYTHONSTARTUP": "mine.py",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    assert kernel_environment(environ) == {"PATH": "/bin", "TF_ENABLE_ONEDNN_OPTS": "0", **OWN}
    assert OWN["COURSE_STATIC"] == "1"
    assert Path(OWN["MATPLOTLIBRC"]).is_file()


DRAWN = """
import course_utils
course_utils.setup()
import keras, matplotlib.pyplot as plt
plt.plot([0, 1]); plt.show()
print(keras.config.floatx(), plt.rcParams["figure.facecolor"], plt.rcParams["lines.linewidth"], "mine" in globals())
"""


def test_what_is_built_does_not_follow_the_maintainer_s_settings(tmp_path, monkeypatch):
    """Figures in SVG, a dark style, another floatx and start-up files: all of it in the home folder, where it is usual."""
    home = {
        ".ipython/profile_default/ipython_kernel_config.py": "get_config().InlineBackend.figure_formats = {'svg', 'retina'}",
        ".ipython/profile_default/startup/mine.py": "mine = 1",
        ".config/matplotlib/matplotlibrc": "figure.facecolor: black\nlines.linewidth: 9\n",
        ".keras/keras.json": '{"floatx": "float64"}',
        "startup.py": "mine = 1",
    }
    for name, content in home.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    notebook = new_notebook(cells=[new_code_cell(DRAWN)])
    new_client(notebook, timeout=300, kernel_name="python3").execute(env=kernel_environment(os.environ))
    picture, said = (output for output in notebook.cells[0].outputs if output.get("name") != "stderr")
    assert set(picture.data) == {"image/png", "text/plain"}
    assert "image/png" not in picture.metadata or "width" not in picture.metadata["image/png"]
    assert said.text == "float32 white 1.5 False\n"


IMPORTS = """
import base64, io, os, time
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, JSON, clear_output, display
from ipywidgets import Output, interact
"""
ARRAY = "print(1 / (1 + np.exp(np.array([-1, 0, 1, 2], dtype=np.float32))))"
TABLE = 'for x in (0.5, -1.5):\n    print(f"{x:6.2f}  {np.tanh(x):12.7f}  {2:4d}")'
SENTENCE = 'print(f"The steepest slope is {0.25:.4f}, at x = {-0.0:.1f}.")'
TABLE_HTML = 'HTML(f"<table><tr><td>sigmoid</td><td>{np.exp(-1):.7f}</td></tr></table>")'
LOSS_JSON = 'display(JSON({"loss": float(np.exp(-2)), "steps": 200}))'
FIGURE = """
x = np.linspace(-2, 2, 9)
figure, axes = plt.subplots(figsize=(2, 2))
(curve,) = axes.plot(x, 1.0 * np.tanh(x))
png = io.BytesIO()
figure.savefig(png)
plt.close(figure)
y = curve.get_ydata()
text = f"A curve of 9 points from {y[0]:.4g} to {y[-1]:.4g}, with a mean square of {(y**2).mean():.4g}."
display({"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": text}, raw=True)
"""
INTERACT = "def show(slope=(0.0, 1.0)):\n    print(slope)\n\ninteract(show);"
CLEARED = "print(1)\nclear_output()\nprint(2)"
UPDATED = "handle = display(1, display_id=True)\nhandle.update(2)"
LOW_LEVEL = 'os.system("echo from the file descriptor")\ntime.sleep(0.3)  # a thread of ipykernel\'s brings it'
RAISES = 'np.ones(2) @ np.ones(3)  # cannot be "multiplied"'
LOOSE = "print(0.123451)"


@dataclass(frozen=True)
class Case:
    """A cell as it was stored, one change to what is stored (or to its source), and what the report says if it has to fail."""

    name: str
    source: str
    old: str = ""
    new: str = ""
    fails: str = ""
    in_source: bool = False
    tags: tuple[str, ...] = ()
    mutate: Callable | None = None


def delete_outputs(cell):
    cell.outputs = []


def clear(cell):
    cell.outputs, cell.execution_count = [], None


def drop_tags(cell):
    del cell.metadata["tags"]


CASES = [
    Case("imports", IMPORTS),
    Case("array", ARRAY),
    Case("array, last digit", ARRAY, "0.7310586", "0.7310585"),
    Case("array, wider column", ARRAY, "[0.7310586 ", "[ 0.73105854   "),
    Case("array, 2nd digit", ARRAY, "0.7310586", "0.7410586", fails="Word 2 differs"),
    Case("array, 4th digit", ARRAY, "0.7310586", "0.7311586", fails="Word 2 differs"),
    Case("array, sign", ARRAY, "0.7310586", "-0.7310586", fails="Word 2 differs: stored '-0.7310586'"),
    Case("array, one number more", ARRAY, "]", " 0.5]", fails="Word 6 differs: stored '0.5', now ']'"),
    Case("array, source", ARRAY, "[-1, 0", "[-1.001, 0", fails="Word 2 differs", in_source=True),
    Case("array, deleted", ARRAY, fails="Unexpected output fields", mutate=delete_outputs),
    Case("array, cleared", ARRAY, fails="was cleared or never run", mutate=clear),
    Case("source emptied", ARRAY, ARRAY, "", fails="Missing output fields", in_source=True),
    Case("table", TABLE),
    Case("table, last digit", TABLE, "0.4621172", "0.4621171"),
    Case("table, wider column", TABLE, "  0.50 ", "     0.50    "),
    Case("table, integer", TABLE, "   2", "   3", fails="stored '3', now '2'"),
    Case("table, sign", TABLE, "-1.50", " 1.50", fails="stored '1.50', now '-1.50'"),
    Case("sentence", SENTENCE),
    Case("sentence, negative zero", SENTENCE, "-0.0", "0.0"),
    Case("sentence, word", SENTENCE, "steepest", "highest", fails="stored 'highest', now 'steepest'"),
    Case("sentence, 4th digit", SENTENCE, "0.2500", "0.2501", fails="stored '0.2501'"),
    Case("html", TABLE_HTML),
    Case("html, last digit", TABLE_HTML, "0.3678794", "0.3678795"),
    Case("html, 4th digit", TABLE_HTML, "0.3678794", "0.3677794", fails="mismatch 'text/html'"),
    Case("json", LOSS_JSON),
    Case("json, last digit", LOSS_JSON, "0.1353352", "0.1353353"),
    Case("json, 4th digit", LOSS_JSON, "0.1353352", "0.1354352", fails="mismatch 'application/json'"),
    Case("json, integer", LOSS_JSON, "200", "201", fails="stored '201', now '200'"),
    Case("figure", FIGURE),
    Case("figure, slope x 1.005", FIGURE, "1.0 *", "1.005 *", fails="mismatch 'text/plain'", in_source=True),
    Case("figure, 4th digit", FIGURE, "0.964", "0.965", fails="mismatch 'text/plain'"),
    Case("figure, deleted", FIGURE, fails="Unexpected output fields", mutate=delete_outputs),
    Case("semicolon", "plt.figure();\nplt.close();\n7;"),
    Case("semicolon, value shown", "7;", "7;", "7", fails="Unexpected output fields", in_source=True),
    Case("clear_output", CLEARED),
    Case("clear_output, text", CLEARED, "2", "3", fails="stored '3', now '2'"),
    Case("update_display", UPDATED),
    Case("update_display, value", UPDATED, "2", "3", fails="stored '3', now '2'"),
    Case("interact", INTERACT),
    Case(
        "interact, error",
        INTERACT,
        "print(slope)",
        "1 / 0",
        fails="A widget's callback caused an exception",
        in_source=True,
    ),
    Case("after interact's error", ARRAY),
    Case(
        "error in an Output",
        "with Output():\n    pass",
        "pass",
        "1 / 0",
        fails="A widget's callback caused an exception",
        in_source=True,
    ),
    Case(
        "error that is only shown",
        "get_ipython().showtraceback((ValueError, ValueError(1), None))",
        fails="Cell execution showed an exception",
    ),
    Case("file descriptor", LOW_LEVEL),
    Case("file descriptor, word", LOW_LEVEL, "descriptor", "handle", fails="stored 'handle'"),
    Case("raises-exception", RAISES, tags=("raises-exception",)),
    Case(
        "raises-exception, message", RAISES, "size 3", "size 4", fails="mismatch 'evalue'", tags=("raises-exception",)
    ),
    Case(
        "raises-exception, no error",
        RAISES,
        "ones(3)",
        "ones(2)",
        fails="Missing output fields",
        in_source=True,
        tags=("raises-exception",),
    ),
    Case(
        "error without its tag",
        RAISES,
        fails="Cell execution caused an exception",
        mutate=drop_tags,
        tags=("raises-exception",),
    ),
    Case("tag 1e-4", LOOSE, "0.123451", "0.123459", tags=("nbval-rtol-1e-4",)),
    Case("tag 1e-4, missing", LOOSE, "0.123451", "0.123459", fails="allowed 1e-05"),
    Case("tag 1e-4, 4th digit", LOOSE, "0.123451", "0.123551", fails="allowed 0.0001", tags=("nbval-rtol-1e-4",)),
    Case("tag 1e-2", LOOSE, fails="looser than nbval-rtol-1e-4", tags=("nbval-rtol-1e-2",)),
    Case("marked to ignore", LOOSE, "0.123451", "5", tags=("nbval-ignore-output",)),
    Case("marked to skip", "print(1)", "print(1)", "1 / 0", in_source=True, tags=("nbval-skip",)),
    Case("skipped when it was stored", "print(1)", fails="was cleared or never run", tags=("skip-execution",)),
]


FRESH = [
    ("print('np' in globals())", "False\n"),  # cases.ipynb ran before it
    ("import os\nprint(os.environ['COURSE_STATIC'], 'PYTEST_CURRENT_TEST' in os.environ)", "1 False\n"),
    ("print(os.path.basename(os.getcwd()))", "inner\n"),
]
DIES = [("import os\nos._exit(1)", ""), ("print(1)", "1\n")]
NEVER_RUN = [("print(1)", None)]


def mutated(cell, case):
    """Change a stored cell as its case says; a change that changes nothing would be a case that cannot fail."""
    changed = copy.deepcopy(cell)
    if case.mutate:
        case.mutate(changed)
    elif case.in_source:
        changed.source = changed.source.replace(case.old, case.new)
    elif case.old:
        outputs = [json.loads(json.dumps(output).replace(case.old, case.new)) for output in changed.outputs]
        changed.outputs = nbformat.from_dict(outputs)
    assert (changed == cell) == (not case.mutate and not case.old), f"The case {case.name!r} changes nothing."
    return changed


def write_cases(path):
    """Run the cases' cells once, as an author does, change them, and store them as one notebook."""
    notebook = new_notebook(cells=[new_code_cell(case.source, metadata={"tags": [*case.tags]}) for case in CASES])
    client = new_client(notebook, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=kernel_environment(os.environ))
    notebook.cells = [mutated(cell, case) for cell, case in zip(notebook.cells, CASES, strict=True)]
    nbformat.write(notebook, path)


def write_by_hand(path, cells):
    """Store a notebook of pairs (source, printed text); None for a cell that was not run."""
    code_cells = [new_code_cell(source, execution_count=None if text is None else 1) for source, text in cells]
    for cell, (_, text) in zip(code_cells, cells, strict=True):
        cell.outputs = [new_output("stream", text=text)] if text else []
    nbformat.write(new_notebook(cells=code_cells), path)


def verify(folder):
    """Run `pytest --nbval` over a folder with the repository's own conftest and settings; parse its report."""
    settings = ["-p", "conftest", "-c", "pyproject.toml", "--rootdir", str(folder), "-p", "no:cacheprovider"]
    settings += ["-o", "pythonpath="]  # else `conftest` would be the one in tests/
    command = [sys.executable, "-m", "pytest", "--nbval", *settings, f"--junitxml={folder / 'report.xml'}", str(folder)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert "warning" not in output.splitlines()[-1], output
    outcomes = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        result = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        outcome, text = ("passed", "") if result is None else (result.tag, f"{result.get('message')}\n{result.text}")
        outcomes[case.get("classname"), int(case.get("name").removeprefix("Cell "))] = outcome, text
    return outcomes


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verified")
    (folder / "inner").mkdir()
    write_cases(folder / "cases.ipynb")
    write_by_hand(folder / "inner" / "dies.ipynb", DIES)
    write_by_hand(folder / "inner" / "fresh.ipynb", FRESH)
    write_by_hand(folder / "inner" / "never_run.ipynb", NEVER_RUN)
    return verify(folder)


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[case.name for case in CASES])
def test_a_stored_cell(report, number, case):
    outcome, text = report["cases.ipynb", number]
    if case.fails:
        assert (outcome, case.fails in text) == ("failure", True), text
    else:
        assert outcome == ("skipped" if "nbval-skip" in case.tags else "passed"), text


def test_each_notebook_has_a_fresh_kernel_in_its_own_folder(report):
    assert [report["inner.fresh.ipynb", number][0] for number in range(len(FRESH))] == ["passed"] * len(FRESH)


def test_interact_does_not_hang():
    """With nbclient's own Output widget about one reply of 100 is missed: a run stands still until the timeout.

    It is far longer than a cell takes on the busiest machine.
    """
    source = "from ipywidgets import interact\ninteract(lambda x: print(x), x=(0, 3));"
    client = new_client(
        new_notebook(cells=[new_code_cell(source) for _ in range(60)]), kernel_name="python3", timeout=600
    )
    assert client.widget_registry["@jupyter-widgets/output"]["OutputModel"] is SilentOutput  # chance may hide a hang
    client.execute(env=kernel_environment(os.environ))  # a run that stands still ends in a CellTimeoutError


def test_a_dead_kernel_fails_one_cell_and_the_next_is_not_run(report):
    outcome, text = report["inner.dies.ipynb", 0]
    assert (outcome, "The kernel stopped: Kernel died" in text) == ("failure", True)
    assert report["inner.dies.ipynb", 1][0] == "skipped"


def test_a_notebook_that_was_never_run_is_only_run(report):
    assert report["inner.never_run.ipynb", 0][0] == "passed"


def test_no_cell_is_left_out_of_the_report(report):
    assert len(report) == len(CASES) + len(FRESH) + len(DIES) + len(NEVER_RUN)


def test_without_nbval_the_conftest_imports_nothing_heavy():
    code = "import sys, conftest; print({'nbval', 'nbclient', 'jupyter_client', 'course_utils'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "set()\n"
