"""The submission's process: what crosses the wire, what the learner's code finds there, and how it is lost."""

import inspect
import itertools
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils.checking.judge import judge
from course_utils.checking.observe import Observation, Opaque
from course_utils.checking.spec import case
from course_utils.exercises import exercise
from course_utils.grading.notebook_files import Cell
from course_utils.grading.sandbox import bubblewrap as levels
from course_utils.grading.sandbox import isolation, submission_time_limit
from course_utils.grading.sandbox import pool as processes_module
from course_utils.grading.sandbox import session as sandbox_module
from course_utils.grading.sandbox.isolation import opened, works
from course_utils.grading.sandbox.pool import ForkPool, OneByOne
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.sandbox.session import Lost, Sandbox
from course_utils.grading.sandbox.stand_ins import INERT

NO_BUBBLEWRAP = works("bubblewrap")
in_bubblewrap = pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP)
on_linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux has what a worker needs")
WAYS = {
    "process, one by one": (OneByOne, "process"),
    "process, forked": (ForkPool, "process"),
    "bubblewrap, one by one": (partial(OneByOne, own_users=os.geteuid() == 0), "bubblewrap"),
    "bubblewrap, forked": (partial(ForkPool, own_users=os.geteuid() == 0), "bubblewrap"),
    "bubblewrap, forked, with lent rights": (ForkPool, "bubblewrap"),
}
MARKS = {"bubblewrap": in_bubblewrap, "forked": on_linux}


@pytest.fixture(scope="module", autouse=True, params=[
    pytest.param(name, marks=[mark for word, mark in MARKS.items() if word in name]) for name in WAYS
])  # fmt: skip
def processes(request):
    """Where the submissions of this file's tests run: each test runs once for each way."""
    way, isolation = WAYS[request.param]
    with way(isolation) as CURRENT["processes"]:
        yield CURRENT["processes"]


CURRENT = {}


def box(*sources, **options):
    cells = [Cell(number, source) for number, source in enumerate(sources, 1)]
    return Sandbox(cells, **({"timeout": 20.0, "processes": CURRENT["processes"]} | options))


def value_of(expression, *sources, **options):
    """What an expression is worth in the submission's process, as text."""
    with box(*sources, f"def f():\n    return str({expression})", **options) as sandbox:
        observation = sandbox.call("f", case())
    return observation.value if observation.outcome == "returned" else observation.error


def loss(*sources, call="f", **options):
    """The status and the sentence with which a process is lost."""
    with pytest.raises(Lost) as caught, box(*sources, **options) as sandbox:
        sandbox.call(call, case(np.array([1.0])))
    return caught.value.status, caught.value.message


# ---- what the learner's code finds


def test_cells_share_one_namespace_and_an_error_stops_only_its_cell():
    with box("a = 1", "b = 2\n1 / 0\nc = 3", "def f():\n    return [a, b, 'c' in globals(), __name__]") as sandbox:
        returned = sandbox.call("f", case()).value
    assert [str(item) for item in returned] == ["1", "2", "False", "__main__"]
    assert sandbox.errors == {
        2: {"error": "ZeroDivisionError", "detail": "division by zero", "line": "1 / 0", "unbound": []}
    }


def test_an_error_tells_which_answers_it_left_unbound():
    cells = ["g = f = 1", "f = 2\nint('x')\ng = 3", "def f(:"]
    with box(*cells, answers={2: ["f", "g"], 3: ["f"]}) as sandbox:
        assert {number: error["unbound"] for number, error in sandbox.errors.items()} == {2: ["g"], 3: ["f"]}
    assert sandbox.errors[3]["error"] == "SyntaxError"
    assert sandbox.errors[3]["line"] == "def f(:"


@pytest.mark.parametrize("cell", [
    "import sys\nsys.exit()", "raise KeyboardInterrupt", "raise SystemExit(1)", "raise GeneratorExit", "input()",
    "class E(BaseException):\n    def __str__(self): raise self\nraise E", "def f(:", "x = '\\0'\n\0", "import nothing_such",
])  # fmt: skip
def test_any_error_of_a_cell_is_remembered(cell):
    with box(cell, "def f():\n    return 1") as sandbox:
        assert list(sandbox.errors) == [1]
        assert sandbox.call("f", case()).value == 1


def test_arguments_arrive_and_changes_are_seen():
    with box("def f(x, depth, *, names):\n    x[0] = depth\n    return names") as sandbox:
        observation = sandbox.call("f", case(np.zeros(2, np.float32), 3, names=["a", "b"]))
    assert observation == Observation("returned", ["a", "b"], changed=(0,))


def test_a_name_that_is_gone():
    with box("def f():\n    pass", "del f") as sandbox:
        assert sandbox.call("f", case()) == Observation("raised", error="NameError", detail="name 'f' is not defined")


def test_source_is_known():
    observation_of = "def f():\n    a = 1\n    return [][a]"
    with box(observation_of) as sandbox:
        assert sandbox.call("f", case()).line == "return [][a]"
    assert value_of("inspect.getsource(g).count('answer')", "import inspect", "def g():\n    return 'answer'") == "1"


def test_the_course_is_a_stand_in():
    cells = """
import course_utils, course_utils.exercises as e, course_utils.checking.judge
from course_utils import check, hint, predict, quiz, anything, plotting
from course_utils.exercises.ch02_sigmoid.sigmoid import EXERCISE, reference, sigmoid
from course_utils.activations import *
check(sigmoid); hint("sigmoid").show(); assert check(sigmoid).passed
with predict("x") as p: p[0].more()
for question in quiz(): pass
display(check); get_ipython().run_line_magic("matplotlib", "inline")
shown = f"{check(sigmoid).points:.2f} {EXERCISE}"
kinds = {type(thing).__name__ for thing in (check, EXERCISE, reference, e.chapters, course_utils.check, plotting)}
"""
    with box(cells, "def f():\n    return sorted(kinds)", "from course_utils import *\ng = check, setup") as sandbox:
        assert sandbox.errors == {}
        assert sandbox.call("f", case()).value == ["Inert"]
        assert sandbox.call("reference", case(np.zeros(2))).value == Opaque("an Inert")


def test_the_stand_in_is_nothing_that_a_library_knows():
    assert not hasattr(INERT, "__array__")
    assert not hasattr(INERT, "numpy")
    assert INERT.any.thing(1)["x"] is INERT


def test_no_file_of_the_course_is_on_the_path():
    cells = ["import sys, pathlib, importlib.machinery as m"]
    found = "m.PathFinder.find_spec('course_utils')"
    if "site-packages" not in course_utils.__file__:
        assert value_of(found, *cells) == "None"
    assert "course_utils.checking.judge" not in value_of("sorted(sys.modules)", *cells)


def test_nothing_of_the_graders_environment_is_inherited(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "42")
    names = value_of("sorted(os.environ)", "import os")
    assert "SECRET_TOKEN" not in names
    allowed = {"PATH", "HOME", "TMPDIR", "LANG", "MPLBACKEND", "TF_CPP_MIN_LOG_LEVEL", "PWD", "LC_CTYPE"}
    extra = {"PYTHONDONTWRITEBYTECODE", "CUDA_VISIBLE_DEVICES"}
    unknown = set(eval(names)) - allowed - extra
    assert {name for name in unknown if not name.endswith("_THREADS")} == set()


def test_the_folder_is_fresh_and_empty():
    cells = ["import os", "open('left', 'w').write('x')"]
    assert value_of("os.listdir()", *cells) == "['left']"
    assert value_of("os.listdir() + [os.getcwd() == os.environ['HOME']]", "import os") == "[True]"


def test_the_folder_is_taken_away(processes):
    with box("import os\nopen('left', 'w').write('x')", "def f():\n    return os.getcwd()") as sandbox:
        folder = Path(sandbox.call("f", case()).value)
        assert (folder / "left").exists() == (processes.isolation == "process")
    assert not folder.exists()


def test_output_is_dropped():
    cells = ["import os, sys, warnings", "print('x' * 10**7)\nsys.stderr.write('y' * 10**7)\nwarnings.warn('z')"]
    cells.append("[os.write(fd, b'x') for fd in (1, 2)]")
    assert value_of("[os.readlink(f'/proc/self/fd/{fd}') for fd in (0, 1, 2)]", *cells) == str(["/dev/null"] * 3)


def test_results_that_are_too_large_are_described():
    with box("import numpy as np\ndef f(x):\n    return np.zeros(10**6 - 1) if x else [[0.5]] * 9_900") as sandbox:
        assert [sandbox.call("f", case(x)).value for x in (0, 1)] == [Opaque("a result too large to be sent")] * 2


# ---- how it is lost

FORGER = """
import json, os
def write(document):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    for fd in range(3, 64):
        try: os.write(fd, len(text).to_bytes(4, "big") + text)
        except OSError: pass
"""
PASSED = '{"id": "0", "passed": True, "points": 9, "observation": {"outcome": "returned"}}'
PRELUDE = "import os, sys, ctypes, time, threading, signal, numpy as np"
LOSSES = [
    ("def f(x):\n    while True: pass", "timeout", "`f` did not finish within 1 seconds."),
    ("def f(x):\n    try:\n        while True: pass\n    except: f(x)", "timeout", "`f` did not finish within 1 seconds."),
    ("def f(x):\n    for _ in range(3):\n        if os.fork() == 0:\n            while True: pass\n    time.sleep(99)", "timeout", "`f` did not finish within 1 seconds."),
    ("def f(x):\n    signal.pthread_sigmask(0, range(1, 60)); time.sleep(99)", "timeout", "`f` did not finish within 2 seconds, and spent most of them waiting."),
    ("def f(x):\n    return np.ones(10**10)", "memory", "`f` needed more memory than the 3 GB that it may have."),
    ("def f(x):\n    kept = []\n    while True: kept.append(np.empty(10**7))", "memory", "`f` needed more memory than the 3 GB that it may have."),
    ("def f(x):\n    raise MemoryError", "memory", "`f` needed more memory than the 3 GB that it may have."),
    ("def f(x):\n    os.kill(os.getpid(), 9)", "memory", "`f` was stopped by the system, most likely because the memory ran out."),
    ("def f(x):\n    os._exit(0)", "crashed", "`f` ended the process that it ran in (exit code 0)."),
    ("def f(x):\n    threading.Thread(target=os._exit, args=[5]).start(); time.sleep(9)", "crashed", "`f` ended the process that it ran in (exit code 5)."),
    ("def f(x):\n    ctypes.string_at(0)", "crashed", "`f` crashed the process that it ran in (signal 11)."),
    ("def f(x):\n    for fd in range(3, 99):\n        try: os.close(fd)\n        except OSError: pass\n    while True: time.sleep(1)", "crashed", "`f` cut the connection to the grader."),
    (FORGER + f"def f(x):\n    write({PASSED})", "crashed", "`f` sent the grader something that is no answer (the answer to a question that was not asked)."),
    (FORGER + "def f(x):\n    write(b'passed')", "crashed", "`f` sent the grader something that is no answer (no JSON: JSONDecodeError)."),
    (FORGER + "def f(x):\n    [os.write(fd, b'\\xff' * 99) for fd in range(3, 64) if os.path.exists(f'/proc/self/fd/{fd}')]", "crashed", "`f` sent the grader something that is no answer (4294967295 bytes, more than 2000000)."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "message"), LOSSES, ids=range(len(LOSSES)))
def test_losses_in_a_call(source, status, message, processes, monkeypatch):
    monkeypatch.setattr(submission_time_limit, "WAITING", 2 if "waiting" in message else 1000)
    if "getpid" in source and processes.isolation == "bubblewrap" and processes.warm:
        pytest.skip("the first process of its own space can't be killed from inside")
    assert loss(PRELUDE, source, timeout=1.0 if status == "timeout" else 20.0) == (status, message)


def test_who_reads_the_question_may_answer_it_but_only_with_a_value():
    answer = """
def f(x):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    write({"id": frame.f_locals["request"]["id"], "passed": True, "points": 9})
"""
    assert loss(PRELUDE, FORGER + answer)[1].endswith("something that is no answer (no observation).")


def test_all_calls_of_an_exercise_share_one_clock():
    with box(WORKS, timeout=1.0) as sandbox:
        calls = iter(lambda: sandbox.call("works", case(0.4)).outcome, None)
        assert next(calls) == "returned"
        with pytest.raises(Lost, match="`works` did not finish within 1 seconds"):
            list(itertools.islice(calls, 9))


WORKS = """
import os, threading, time
def works(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1
def sleeps(seconds):
    time.sleep(seconds)
    return 1
def lets_a_thread_work(seconds):
    thread = threading.Thread(target=works, args=[seconds])
    thread.start()
    thread.join()
    return 1
def lets_a_child_work(seconds):
    if os.fork() == 0:
        works(seconds)
        os._exit(0)
    os.wait()
    return 1
"""


def test_sleep_does_not_count_as_work():
    with box(WORKS, timeout=1.0) as sandbox:
        assert sandbox.call("sleeps", case(1.5)).value == 1


@pytest.mark.parametrize("who", ["works", "lets_a_thread_work", "lets_a_child_work"])
def test_whoever_works_in_a_submission_counts(who, monkeypatch):
    monkeypatch.setattr(submission_time_limit, "WAITING", 1000)
    assert loss_of(who, 600.0, WORKS, timeout=1.0) == f"`{who}` did not finish within 1 seconds."


def test_what_was_worked_before_the_first_call_does_not_count():
    with box(WORKS, "works(1.5)", timeout=1.0) as sandbox:
        assert sandbox.call("works", case(0.1)).value == 1


def test_a_submission_has_no_say_in_what_it_has_worked():
    stopped = "time.process_time = time.monotonic = time.perf_counter = lambda: 0.0"
    assert loss(WORKS, stopped, "def f(x):\n    works(1)", timeout=1.0)[1] == "`f` did not finish within 1 seconds."


@pytest.mark.parametrize("missing", ["SO_PASSCRED", "the process"])
def test_where_the_system_does_not_tell_the_clock_counts_alone(missing, monkeypatch, processes):
    if missing == "the process":
        monkeypatch.setattr(submission_time_limit.psutil, "Process", refuse)
    else:
        monkeypatch.delattr("socket.SO_PASSCRED")
    with box(WORKS, timeout=1.0) as sandbox:
        assert sandbox.call("works", case(0.1)).value == 1
        told = missing == "SO_PASSCRED" and not processes.warm and processes.isolation == "process"
        if not told:  # that of a process of its own is known all the same
            with pytest.raises(Lost, match="`sleeps` did not finish within 1 seconds"):
                sandbox.call("sleeps", case(99))


def refuse(number):
    raise submission_time_limit.psutil.AccessDenied(number)


def test_tensorflow_has_computed_before_the_clock_runs():
    ready = "sys.modules['tensorflow.python.eager.context'].context()._initialized"
    assert value_of(ready, "import sys\nimport tensorflow as tf") == "True"


def loss_of(name, argument, *sources, **options):
    with pytest.raises(Lost) as caught, box(*sources, **options) as sandbox:
        sandbox.call(name, case(argument))
    return caught.value.message


LOADING_LOSSES = [
    ("while True: pass", "timeout", "Cell 2 did not finish within 1 seconds."),
    ("import os\nos._exit(4)", "crashed", "Cell 2 ended the process that it ran in (exit code 4)."),
    (FORGER + "write({'loaded': {}})", "crashed", "Cell 2 sent the grader something that is no answer (the answer to a question that was not asked)."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "message"), LOADING_LOSSES)
def test_a_cell_that_can_not_be_loaded_is_named(source, status, message):
    with pytest.raises(Lost) as caught, box("x = 1", source, "y = 1", loading=1.0):
        pass
    assert (caught.value.status, caught.value.message, caught.value.cell) == (status, message, 2)


def test_forged_progress_is_refused():
    forger = """
import sys
frame = sys._getframe()
while "request" not in frame.f_locals:
    frame = frame.f_back
"""
    for forged in ('"cell": 99', '"loaded": 3', '"loaded": {"1": {}}', '"loaded": {"1": {"unbound": []}}'):
        with pytest.raises(Lost) as caught:
            box(FORGER + forger + f'write({{"id": frame.f_locals["request"]["id"], {forged}}})').__enter__()
        assert caught.value.status == "crashed"


def test_a_flood_of_progress_is_refused():
    flood = """
import sys
frame = sys._getframe()
while "request" not in frame.f_locals:
    frame = frame.f_back
for _ in range(9):
    write({"id": frame.f_locals["request"]["id"], "cell": 1, "more": "x" * 10**6})
"""
    status, message = loss(FORGER + flood + "def f(x):\n    return x")
    assert status == "crashed"
    assert "bytes, more than" in message


def anew(processes, hidden=()):
    """Another of the same kind, not started yet."""
    return type(processes)(processes.isolation, hidden, processes.own_users)


def test_not_starting_is_the_graders_own_failure(monkeypatch, processes):
    no_luck = ["-c", "raise SystemExit('no luck')"]
    monkeypatch.setattr(levels, "command", lambda level, python, **_: [python[0], *no_luck])
    with anew(processes) as new, pytest.raises(CannotStart, match=r"ended.* no luck"):
        box("x = 1", processes=new).__enter__()
    monkeypatch.setattr(levels, "command", lambda level, python, **_: ["/nothing/there"])
    with anew(processes) as new, pytest.raises(CannotStart, match="No such file"):
        box("x = 1", processes=new).__enter__()


def test_a_start_that_hangs(monkeypatch, processes):
    monkeypatch.setattr(sandbox_module, "STARTING", 0.5)
    monkeypatch.setattr(processes_module, "STARTING", 0.5)
    hangs = ["-c", "import time; time.sleep(99)"]
    monkeypatch.setattr(levels, "command", lambda level, python, **_: [python[0], *hangs])
    with anew(processes) as new, pytest.raises(CannotStart, match=r"did not finish (its start )?within 0\.5 seconds"):
        box("x = 1", processes=new).__enter__()


@on_linux
def test_root_never_runs_a_submission_as_itself_in_bubblewrap(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    workers = [way() for way in isolation.ways("bubblewrap") if way.func is ForkPool]
    assert [worker.own_users for worker in workers] == [True]


# ---- what is left behind, and what can be seen


def test_children_of_the_same_group_are_ended():
    marker = f"lingers-{os.getpid()}"
    with box(
        f"import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 987; : {marker}'])\ndef f():\n    return 1"
    ) as sandbox:
        assert sandbox.call("f", case()).value == 1
        assert marker in running()
    assert vanishes(marker)


def is_running(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a process that its parent ended")
def test_a_hanging_submission_ends_with_the_grader(tmp_path):
    program = """
import sys
from course_utils.grading.sandbox.session import Sandbox
from course_utils.grading.notebook_files import Cell
from course_utils.checking.spec import case
box = Sandbox([Cell(1, "import os, time\\ndef f():\\n    return str(os.getpid())\\ndef g():\\n    while True: pass")])
box.__enter__()
print(box.call("f", case()).value, flush=True)
box.call("g", case())
"""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
    with grader:
        pid = int(grader.stdout.readline())
        grader.kill()
    for _ in range(100):
        if not is_running(pid):
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert not is_running(pid)


def test_children_that_leave_their_group_are_ended(processes):
    if processes.isolation == "process" and not processes.warm:
        pytest.skip("not contained there")
    marker = f"left-its-group-{os.getpid()}"
    daemon = f"import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 987; : {marker}'], start_new_session=True)"
    with box(daemon, "def f():\n    return 1") as sandbox:
        assert sandbox.call("f", case()).value == 1
        assert marker in running()
    assert vanishes(marker)


def running():
    return subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout


def vanishes(marker):
    """Whether no process with this in its command line is left, at the latest in a while."""
    for _ in range(50):
        if marker not in running():
            return True
        subprocess.run(["sleep", "0.1"], check=True)
    return False


SEES = """
import os, pathlib
def f(path):
    return os.path.exists(path)
def g(path):
    pathlib.Path(path).write_text("changed")
def h(port):
    import socket
    socket.create_connection(("127.0.0.1", int(port)), timeout=2)
"""


@pytest.fixture
def bubblewrapped(processes):
    if processes.isolation != "bubblewrap":
        pytest.skip("not contained there")
    return processes


def test_bubblewrap_shows_neither_the_course_nor_the_submissions_nor_home(tmp_path, bubblewrapped):
    other = tmp_path / "ann" / "02_sigmoid.ipynb"
    other.parent.mkdir()
    other.write_text("{}")
    course = Path(course_utils.__file__).parent
    with anew(bubblewrapped, (tmp_path,)) as new, box(SEES, processes=new) as sandbox:
        hidden = [str(other), str(course / "exercises"), str(course / "__init__.py"), __file__, "/etc/passwd"]
        assert all(Path(path).exists() for path in hidden)
        assert {path: bool(sandbox.call("f", case(path)).value) for path in hidden} == dict.fromkeys(hidden, False)
        assert sandbox.call("f", case(sys.executable)).value
        for path in (str(other), sys.prefix + "/x", "/x", "/dev/x", "/dev/shm/x", "/usr/x"):
            assert sandbox.call("g", case(path)).error in ("OSError", "FileNotFoundError", "PermissionError"), path
        assert sandbox.call("g", case("/tmp/x")).outcome == "returned"
    assert other.read_text() == "{}"


def test_bubblewrap_hides_folders_inside_of_what_is_seen(tmp_path, monkeypatch, bubblewrapped):
    (tmp_path / "packages" / "secret").mkdir(parents=True)
    (tmp_path / "packages" / "secret" / "file").touch()
    (tmp_path / "packages" / "library.py").touch()
    seen = [*levels.library_paths(), str(tmp_path / "packages")]
    monkeypatch.setattr(levels, "library_paths", lambda: seen)
    tmp_path.parents[1].chmod(0o755)  # pytest's own folder is closed to others
    hidden = (tmp_path / "packages" / "secret",)
    with anew(bubblewrapped, hidden) as new, box(SEES, processes=new) as sandbox:
        assert sandbox.call("f", case(str(tmp_path / "packages" / "library.py"))).value
        assert not sandbox.call("f", case(str(tmp_path / "packages" / "secret" / "file"))).value
        assert sandbox.call("g", case(str(tmp_path / "packages" / "secret" / "x"))).outcome == "raised"


def test_bubblewrap_has_no_network(bubblewrapped):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, box(SEES) as sandbox:
        assert sandbox.call("h", case(server.getsockname()[1])).outcome == "raised"


def test_limits_are_set():
    limits = value_of("[resource.getrlimit(getattr(resource, n))[1] for n in ('RLIMIT_DATA', 'RLIMIT_CORE', 'RLIMIT_NOFILE')]", "import resource")  # fmt: skip
    assert limits == "[3221225472, 0, 256]"


def test_a_level_that_does_not_work_says_why(monkeypatch):
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    assert works("bubblewrap") == "bubblewrap (bwrap) is not installed"
    monkeypatch.undo()
    assert works("process") == ""


@on_linux
def test_a_worker_that_can_not_load_the_libraries_gives_way(monkeypatch, processes):
    """Such as one that has several threads by then, and so can't be forked: its submissions import the libraries themselves."""
    restart, tried = ForkPool._restart, []

    def with_threads(self):
        if self.imports:
            tried.append(self.imports)
            raise CannotStart("there are 7 threads")
        restart(self)

    monkeypatch.setattr(ForkPool, "_restart", with_threads)
    with opened(processes.isolation, preload=("tensorflow",)) as found:
        for _ in range(2):
            with box("import tensorflow as tf\ndef f(x):\n    return tf.exp(x)", processes=found) as sandbox:
                assert sandbox.call("f", case(0.0)).value == 1
    assert tried == [("tensorflow",)]


@pytest.mark.parametrize(("source", "computes"), [
    ("import numpy as np", False), ("import tensorflow as tf", False), ("import tensorflow as tf  # tf", False), ("  import keras", False),
    ("import tensorflow as tf\nx = tf.constant(1)", True), ("import tensorflow as T\nT.exp", True), ("from tensorflow import exp", True),
    ("import keras\nfrom keras import ops", True), ("import tensorflow.nn as nn", True), ("import numpy, tensorflow", True),
    ("__import__('tensorflow')", True), ("import tensorflow as tf; x = tf.exp(1.)", True),
])  # fmt: skip
def test_tensorflow_is_started_only_where_it_is_used(source, computes):
    """Starting it takes three times as long as all the rest of a submission."""
    assert sandbox_module._computes([source, "x = 1"]) == computes


def test_tensorflow_that_is_only_imported_is_there_when_it_is_used_after_all():
    with box("import tensorflow as tf\nimport keras", "def f(x):\n    return [globals()['t' + 'f'].exp(x), 'tensorflow.python' in __import__('sys').modules]") as sandbox:  # fmt: skip
        value, loaded = sandbox.call("f", case(0.0)).value
    assert (value, loaded) == (1, True)
    assert value_of("'k' + 'eras.ops' in __import__('sys').modules", "import keras") == "False"


# ---- many calls in one question


def test_answers_come_one_by_one_and_those_that_nobody_takes_cost_the_next_question_nothing():
    cases = [case(float(number)) for number in range(9)]
    with box("def f(x):\n    return 2 * x\ndef g(x):\n    return -x") as sandbox:
        assert [seen.value for seen in sandbox.calls("f", cases)] == [2.0 * number for number in range(9)]
        first = next(iter(sandbox.calls("f", cases)))
        assert (first.value, sandbox.call("g", case(3.0)).value) == (0, -3)
        next(iter(sandbox.calls("f", cases)))
        assert sandbox.settled()


def test_what_came_before_a_call_that_ends_the_process_is_there():
    with box("import os\ndef f(x):\n    return x if x < 2 else os._exit(5)") as sandbox:
        answers = sandbox.calls("f", [case(1.0), case(1.5), case(2.0), case(1.0)])
        assert [next(answers).value, next(answers).value] == [1, 1.5]
        with pytest.raises(Lost, match="exit code 5"):
            next(answers)
        assert not sandbox.settled()
        with pytest.raises(Lost, match="exit code 5"):
            sandbox.call("f", case(1.0))


def test_the_limit_holds_for_all_calls_of_an_exercise_together():
    with box("def f(x):\n    while x: pass", timeout=1.0) as sandbox:
        answers = sandbox.calls("f", [case(0.0), case(1.0), case(0.0)])
        assert next(answers).value is None
        with pytest.raises(Lost, match="did not finish within 1 second"):
            next(answers)


def test_a_right_answer_in_lists_of_lists_is_as_right_as_an_array():
    """Each number of a list once counted as much as an array: a Jacobian of 25 rows was no answer any more."""
    spec = exercise("softmax_jacobian")
    rows = f"{inspect.getsource(spec.solution)}\nright = {spec.name}\ndef {spec.name}(z):\n    return right(z).tolist()"
    with box("import numpy as np", rows) as sandbox:
        big = case(np.linspace(-1, 1, 80))
        assert np.shape(sandbox.call(spec.name, big).value) == (80, 80)
        assert judge(spec, lambda c: sandbox.call(spec.name, c)).passed
