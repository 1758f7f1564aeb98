"""What a notebook's cells may hold besides Python: a real kernel's `check` and the grader give the same verdict."""

import html

import nbformat
import pytest
from nbclient import NotebookClient
from sample_submission import CHAPTER, hand_in, notebook, statuses, table

from course_utils.grading.grade import grade
from course_utils.grading.ipython_cells import LONGEST, as_python, files_written
from course_utils.grading.notebook_files import Cell

NUMPY = "import numpy as np"
SIGMOID = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
LOGIT = "def logit(p):\n    return np.log(p) - np.log1p(-p)"
E_TO_X = "def sigmoid(x):\n    return 1 / (1 + e ** -x)"
INDENTED = "    def sigmoid(x):\n        return 1 / (1 + np.exp(-x))"
PROMPTS = ">>> def sigmoid(x):\n...     return 1 / (1 + np.exp(-x))\n"
NUMBERED = "In [3]: def sigmoid(x):\n   ...:     return 1 / (1 + np.exp(-x))\n"

ODD = {  # the cells of a notebook that answers sigmoid, with the statuses of sigmoid and logit
    "plain": ([NUMPY, SIGMOID, LOGIT], "passed passed"),
    "magics": ([f"%matplotlib inline\n!echo it's\n{NUMPY}\nnp.exp?\n?np", f"files = !ls\n{SIGMOID}", LOGIT], "passed passed"),
    "an automatic magic": (["pylab inline", SIGMOID], "passed missing"),
    "pylab": (["%pylab inline", "def sigmoid(x):\n    return 1 / (1 + exp(-x))"], "passed missing"),
    "time": ([NUMPY, "%time e = np.e\nt = %time 2 * 3\ndef sigmoid(x):\n    return 6 / (t + 6 * e ** -x)"], "passed missing"),
    "time in a block": ([NUMPY, f"for i in range(2):\n    %time one = i\n{SIGMOID.replace('1 /', 'one /')}"], "passed missing"),
    "a cell that is timed": ([NUMPY, f"%%time\n%time one = 1\n{SIGMOID}", f"%%capture out\nprint(1)\n{LOGIT}"], "passed passed"),
    "a cell that is timed many times": ([NUMPY, f"%%timeit -n1 -r1\n{SIGMOID}"], "missing missing"),
    "a written file": ([NUMPY, f"%%writefile mine.py\n{NUMPY}\n{SIGMOID}", "from mine import sigmoid", LOGIT], "passed passed"),
    "a file that is run": ([f"%%writefile mine.py\n{NUMPY}\n{SIGMOID}", "%run mine.py", LOGIT], "passed passed"),
    "all of a file": ([f"%%writefile mine.py\n{NUMPY}\n{SIGMOID}", "from mine import *\nfrom mine import np", LOGIT], "passed passed"),
    "a file written in parts": ([f"%%writefile mine.py\n{NUMPY}", f"%%writefile -a mine.py\n{SIGMOID}", "from mine import sigmoid"], "passed missing"),
    "HTML": ([f"%%html\n<b>{SIGMOID}</b>", NUMPY, LOGIT], "missing passed"),
    "HTML of code": ([f"%%html\n{SIGMOID}", NUMPY, LOGIT], "missing passed"),
    "indented": ([NUMPY, INDENTED, LOGIT], "passed passed"),
    "prompts": ([NUMPY, PROMPTS, LOGIT], "passed passed"),
    "numbered prompts": ([NUMPY, NUMBERED, LOGIT], "passed passed"),
    "await": (["import asyncio\nawait asyncio.sleep(0)\nimport numpy as np", SIGMOID, f"async def nothing(): pass\nawait nothing()\n{LOGIT}"], "passed passed"),
    "await in one loop": ([f"{NUMPY}\nimport asyncio\nlater = asyncio.get_running_loop().create_future()", f"later.set_result(1)\none = await later\n{SIGMOID.replace('1 /', 'one /')}"], "passed missing"),
    "the future": (["from __future__ import annotations\nimport numpy as np", SIGMOID.replace("(x)", "(x: NDArray) -> NDArray", 1), LOGIT], "passed passed"),
    "get_ipython": ([f"get_ipython().run_line_magic('matplotlib', 'inline')\n{NUMPY}", "get_ipython().run_cell_magic('time', '', " + repr(SIGMOID) + ")", LOGIT], "passed passed"),
    "a name of its own before an error": ([NUMPY, f"undefined\n{SIGMOID}", LOGIT], "missing passed"),
    "the latest values": ([NUMPY, "np.exp(1)", "2;", "print(3)", "display(4)", "%%capture\n5", "if True:\n    6", "7", "e = __", E_TO_X], "passed missing"),
    "a value by its number": ([NUMPY, "", "# nothing", "%matplotlib inline", "1 / 0", "np.exp(1)", f"e = Out[5] * _5 / _oh[5]\n{E_TO_X}"], "passed missing"),
    "a value that is timed": ([NUMPY, "%%time\nx = 1\n%time np.exp(x)", f"e = _\n{E_TO_X}"], "passed missing"),
    "a value that is awaited": ([NUMPY, "async def one(): return np.exp(1)", "await one()", f"e = _\n{E_TO_X}"], "passed missing"),
    "a name of ones own like the latest value's": ([NUMPY, "_, x = np.exp(1), 1", "7", f"e = _\n{E_TO_X}"], "passed missing"),
    "an earlier cell's text": ([NUMPY, "e = 1", "e = np.exp(1)", "exec(In[3])", f"exec(_ii)\nexec(_i4)\n{E_TO_X}"], "passed missing"),
    "a statement out of place": ([f"{NUMPY}\n{SIGMOID}\nreturn 5\n{LOGIT}"], "passed missing"),
    "an environment variable that is set": ([f"%env COURSE_E=2\n%set_env COURSE_F 3\nimport os\nsix = int(os.environ['COURSE_E']) * int(os.environ['COURSE_F'])\npath = %env PATH\n{NUMPY}\n{SIGMOID}"], "passed missing"),
    "the lines of a command": ([f"{NUMPY}\nfiles = !echo 3\nthree = float(files[0])\nfiles.grep('3'), files.n\nmore = %sx echo 4\nfour = more[0]\n{SIGMOID}", "%%bash --out said\necho 1", f"said = said.split()\n{LOGIT}"], "passed passed"),
    "the shell's options": ([f"%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'\n%precision 3\n%cd .\n%who\n%xmode Plain\n{NUMPY}\nnp.e*?\n{SIGMOID}", f"%reset_selective -f nothing\n%history -n 1\n{LOGIT}"], "passed passed"),
    "other languages": (["%%javascript\n1", "%%latex\nx", "%%script bash\necho 1", "%%python\nx = 1", NUMPY, SIGMOID, LOGIT], "passed passed"),
    "what is shown": ([f"{NUMPY}\nfrom IPython.display import HTML, clear_output, display\ndisplay(HTML('x'))\nclear_output()\nshown = display(1, display_id=True)\nshown.update(2)\nhelp(np.exp)\n{SIGMOID}"], "passed missing"),
    "the shell": ([f"{NUMPY}\nfrom IPython import get_ipython\nshell = get_ipython()\nshell.run_line_magic('matplotlib', 'inline')\nshell.push({{'one': 1}})\nshell.run_cell('two = 2')\ne = shell.ev('np.exp(1)') * shell.user_ns['one'] * two / 2\n{E_TO_X}", f"if type(shell).__name__ == 'ZMQInteractiveShell':\n    import math\nexit\nhere = _dh[0]\nmath.e\n{LOGIT}"], "passed passed"),
    "what timeit says": ([f"{NUMPY}\ntook = %timeit -o -q -n1 -r1 np.exp(1)\nprint(took.average * 1e6, f'{{took.best:.2f}}', round(1 / (1 + took.best), 2))\nmin([took.best, took.worst])\n{SIGMOID}"], "passed missing"),
    "what the check says": ([f"{NUMPY}\nfrom course_utils import check\n{SIGMOID}\nassert check(sigmoid).points == 1 and check(sigmoid).status == 'passed'\npoints = sum(check(f).points for f in [sigmoid]) / 2\nif check(sigmoid).points < 1: 1 / 0\n{LOGIT}"], "passed passed"),
    "a script that is run by other words": ([f"%%writefile './my mine.py'\nimport sys\n{NUMPY}\none = int(sys.argv[1])\nif __name__ == '__main__': 1 / 0\n{SIGMOID.replace('1 /', 'one /')}", "one = 2", "%run -n './my mine' 1", "one = 3", LOGIT], "passed passed"),
    "a script by a variable": ([f"%%writefile mine.py\n{NUMPY}\n{SIGMOID}", f"%%writefile yours.py\n{NUMPY}\n{LOGIT}", "name = 'mine.py'\n%run {name}\n%env COURSE_X=$name", "import os\nget_ipython().run_line_magic('run', os.environ['COURSE_X'].replace('mine', 'yours'))"], "passed passed"),
    "a script in the notebook's names": ([f"%%writefile mine.py\n{SIGMOID}", NUMPY, "%run -i ./mine.py", LOGIT], "passed passed"),
    "a script that stops": ([f"%%writefile mine.py\n{NUMPY}\n{SIGMOID}\nundefined", f"%run mine.py\n{LOGIT}"], "passed passed"),
    "a module that shows": ([f"%%writefile mine.py\n{NUMPY}\ndisplay(1)\nget_ipython()\n{SIGMOID}", f"from mine import sigmoid\n{LOGIT.replace('np', 'mine.np')}\nimport mine"], "passed passed"),
    "continued lines": ([NUMPY, f"%time e = \\\n  np.exp(1)\n!echo \\\n  a\n{E_TO_X}", f"\n\n%%capture --no-stderr said\n%%time\n\n{LOGIT}"], "passed passed"),
    "a cell with options": ([NUMPY, f"%%time --no-raise-error\n{SIGMOID}", f"%%prun -s cumulative -q\n{LOGIT}"], "passed passed"),
}  # fmt: skip
HERE_ONLY = {  # what a kernel on this machine does not do either: notebooks that come from a machine with more on it
    "colab": (["from google.colab import drive\ndrive.mount('/content/drive')\nimport numpy as np", SIGMOID, LOGIT], "passed passed"),
    "a type hint of torch's": (["import numpy as np\nimport torch", "def sigmoid(x: torch.Tensor) -> torch.Tensor:\n    return 1 / (1 + np.exp(-x))", LOGIT], "passed passed"),
    "a decorator of numba's": (["from numba import njit\nimport numpy as np", "@njit\n" + SIGMOID, LOGIT], "passed passed"),
    "torch in one line": (["import torch; import numpy as np", SIGMOID], "passed missing"),
    "all in one cell": ([f"import torch\ntorch.manual_seed(0)\n{NUMPY}\n{SIGMOID}\n{LOGIT}"], "passed passed"),
    "a data file": ([f"data = open('data.csv').read()\nprint(data[:9])\n{NUMPY}", SIGMOID], "passed missing"),
    "a question": ([f"name = input('Your name: ')\n{NUMPY}", SIGMOID], "passed missing"),
    "an environment variable": ([f"import os\nkey = os.environ['KEY']\n{NUMPY}", SIGMOID], "passed missing"),
    "a decorator": ([f"import no_such\n@no_such.cache\ndef f(): pass\n{NUMPY}", SIGMOID], "passed missing"),
    "in a later cell": (["import no_such", f"no_such.start()\n{NUMPY}\n{SIGMOID}"], "passed missing"),
    "needed": (["import numpy as np\nimport torch", "def sigmoid(x):\n    return torch.sigmoid_(x)", LOGIT], "raised passed"),
}  # fmt: skip
CHECK = """
import course_utils
for name in ("sigmoid", "logit"):
    print(course_utils.check(globals()[name]).status if callable(globals().get(name)) else "missing")
"""


def in_a_kernel(cells, folder):
    """The statuses that `check` gives in a real kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in [*cells, CHECK]])
    NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()  # fmt: skip
    return " ".join("".join(output["text"] for output in notebook.cells[-1].outputs if output["output_type"] == "stream").split())  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    for name, (cells, _) in (ODD | HERE_ONLY).items():
        hand_in(folder / "in" / name / f"{CHAPTER}.ipynb", raw=notebook(*cells))
    assert grade(folder / "in", folder / "out", timeout=60.0) == 0
    return folder / "out"


@pytest.mark.parametrize("name", ODD)
def test_a_kernel_and_the_grader_agree(graded, name, tmp_path):
    cells, expected = ODD[name]
    assert in_a_kernel(cells, tmp_path) == expected
    sigmoid, *_rest, logit = statuses(graded)[name].split()
    assert f"{sigmoid} {logit}".replace("raised", "missing") == expected


@pytest.mark.parametrize("name", HERE_ONLY)
def test_what_this_machine_lacks_takes_nothing_else_with_it(graded, name):
    sigmoid, *_rest, logit = statuses(graded)[name].split()
    assert f"{sigmoid} {logit}" == HERE_ONLY[name][1]


def test_the_cell_that_stopped_is_named_to_the_student_and_the_teacher(graded):
    (hint,) = (r["hint"] for r in table(graded) if (r["student"], r["exercise"]) == ("needed", "sigmoid"))
    said = "(Cell 2 stopped with ModuleNotFoundError: No module named 'torch', in the line `import torch`, which was left out.)"  # fmt: skip
    assert said in hint
    page = (graded / "index.html").read_text()
    assert "Cell 2 stopped with ModuleNotFoundError: No module named 'torch' (in the line" in html.unescape(page)  # fmt: skip


def test_an_answer_below_a_magic_that_defines_nothing_is_named(graded):
    rows = {(row["student"], row["exercise"]): row for row in table(graded)}
    for student, magic, cell in [("a cell that is timed many times", "%%timeit", 3), ("HTML of code", "%%html", 2)]:
        row = rows[student, "sigmoid"]
        assert row["hint"].startswith(f"Cell {cell} holds `sigmoid`, but below `{magic}`, which defines nothing")
        assert (row["status"], row["reason"]) == ("missing", "cell_type")


def test_an_answer_in_a_written_file_is_read(tmp_path):
    ready = "%%writefile mine.py\nimport tensorflow as tf\ndef mine(x):\n    return tf.sigmoid(x)"
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", ready, "from mine import mine as sigmoid")
    assert grade(tmp_path / "in", tmp_path / "out", isolation="process") == 0
    assert statuses(tmp_path / "out")["ann"].split()[0] == "forbidden"


PYTHON = [
    ("x = 1", "x = 1"),
    ("y = (a\n  % b)", "y = (a\n  % b)"),
    ('"""\n% text\n!\n"""', '"""\n% text\n!\n"""'),
    ("def f(x:\n    return x", "def f(x:\n    return x"),
    ("\n\n%%time\nx = 1", "\n\npass\nx = 1"),
    ("%prun -l 3 x = f()", "x = f()"),
    ("%run a.py", "get_ipython().run_line_magic('run', 'a.py')"),
    ("%%bash\nls", "pass"),
    ("time = 3", "time = 3"),
    ("get_ipython().magic('time x = 1')", "x = 1"),
    ("get_ipython().run_line_magic(name, 'x')", "get_ipython().run_line_magic(name, 'x')"),
    ("%time é = 'ü'; z = %time 1", "é = 'ü'; z = %time 1"),
    ("x = 'é'; get_ipython().system('ls')", "x = 'é'; pass"),
    ("?" * (LONGEST + 1), "?" * (LONGEST + 1)),
]


@pytest.mark.parametrize(("source", "python"), PYTHON)
def test_cells_as_python(source, python):
    assert as_python(source) == python


def test_files_that_cells_write():
    cells = [
        as_python(source) for source in ("%%writefile a.py\nx = 1\n", "%%file -a a.py\ny = 2\n", "%%file b.txt\nz")
    ]
    assert files_written([Cell(1, source) for source in cells]) == {"a.py": "x = 1\ny = 2\n"}
