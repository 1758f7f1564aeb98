"""The submission's process: what crosses the wire, what the learner's code finds there, and how it is lost."""

import itertools
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils.checking.observe import Observation, Opaque
from course_utils.checking.spec import case
from course_utils.grading import isolation as levels
from course_utils.grading import sandbox as sandbox_module
from course_utils.grading import wire
from course_utils.grading.child import INERT
from course_utils.grading.sandbox import CannotStart, Lost, Sandbox, works
from course_utils.grading.submissions import Cell
from course_utils.grading.wire import HEADER, ProtocolError

NO_BUBBLEWRAP = works("bubblewrap")
LEVELS = [
    "process",
    pytest.param("bubblewrap", marks=pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP)),
]
in_bubblewrap = pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP)


def box(*sources, **options):
    cells = [Cell(number, source) for number, source in enumerate(sources, 1)]
    return Sandbox(cells, **({"timeout": 20.0} | options))


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


# ---- the wire


def through_the_wire(value):
    return wire.decode(wire.unpack(wire.pack({"value": wire.encode(value)})[HEADER:])["value"])


def same(one, other):
    if isinstance(one, np.ndarray | np.generic):
        return type(one) is type(other) and one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")  # fmt: skip
    if isinstance(one, list | tuple):
        return type(one) is type(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and (one == other or one != one)


VALUES = [
    None, ..., True, 7, -(10**30), 0.1, float("nan"), float("inf"), -0.0, "text with \u4e2d and \ud800", [], (),
    [1, [2.5, "x"], (None,)], np.float32(0.1), np.int64(3), np.bool_(True), np.array(2.0), np.zeros((0, 3)),
    np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]), np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::-1],
    np.array([True, False]), np.array([1 + 2j]), np.array([65504], np.float16),
    [np.ones((2, 3)), np.zeros(3, np.uint8)], Opaque("a generator"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_survive(value):
    assert same(value, through_the_wire(value))


def test_the_sign_of_zero_other_byte_orders_and_long_doubles():
    assert np.signbit(through_the_wire(-0.0))
    assert through_the_wire(np.array([1, 2], ">i2")).tolist() == [1, 2]
    longest = through_the_wire(np.array([0.1], np.longdouble))
    assert longest.dtype == np.float64
    assert longest[0] == 0.1


@pytest.mark.parametrize("value", [{"a": 1}, {1}, object(), np.array(["a"]), np.array([None]), b"x"])
def test_other_values_are_an_authors_mistake(value):
    with pytest.raises(TypeError, match="expected a"):
        wire.encode(value)


OBSERVATIONS = [
    Observation("returned", np.array([0.5, np.nan]), changed=(0,)),
    Observation("returned", [np.array(1.0), [None, "x"], Opaque("a set")]),
    Observation("returned", ...),
    Observation("raised", error="ValueError", detail="no \ud800", line="return x"),
    Observation("signature", detail="f(x, y)"),
]


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=repr)
def test_observations_survive(observation):
    document = wire.unpack(wire.pack(wire.encode_observation(observation))[HEADER:])
    received = wire.decode_observation(document)
    assert same([received.value], [observation.value])
    assert received.detail == observation.detail.replace("\ud800", "?")
    assert (received.outcome, received.error, received.line) == (observation.outcome, observation.error, observation.line)  # fmt: skip
    assert received.changed == observation.changed


def array(**changes):
    return {"kind": "array", "dtype": "<f8", "shape": [1], "data": "AAAAAAAA8D8="} | changes


def nested(depth):
    return [nested(depth - 1)] if depth else []


FORGED_VALUES = [
    array(dtype="<f4"), array(dtype="object"), array(dtype="|O"), array(dtype=["<f8"]), array(dtype=None),
    array(shape=[2]), array(shape=[-1]), array(shape=[True]), array(shape=[1.0]), array(shape="1"), array(shape=[1] * 17),
    array(shape=[10**30]), array(shape=[0] + [8_000_000] * 15, data=""), array(data="AAAA"), array(data="!"), array(data=7),
    array(dtype="|b1", shape=[8]), {"kind": "float", "hex": "0x1p3"}, {"kind": "number"} , {"kind": "tuple", "items": []},
    {"kind": "pickle"}, {"kind": ["array"]}, {}, 1, 1.5, True, nested(20), [[]] * 200_000, {"kind": "opaque"},
]  # fmt: skip


@pytest.mark.parametrize("value", FORGED_VALUES, ids=range(len(FORGED_VALUES)))
def test_forged_values_are_refused(value):
    document = wire.encode_observation(Observation("returned")) | {"value": value}
    with pytest.raises(ProtocolError):
        wire.decode_observation(json.loads(json.dumps(document)))


@pytest.mark.parametrize("changes", [
    {"outcome": "passed"}, {"outcome": None}, {"error": 5}, {"line": None}, {"changed": 1}, {"changed": [True]},
    {"changed": ["0"]}, {"points": 3}, {"changed": [0] * 101},
])  # fmt: skip
def test_forged_observations_are_refused(changes):
    with pytest.raises(ProtocolError):
        wire.decode_observation(wire.encode_observation(Observation("returned")) | changes)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"NaN", b'{"a": Infinity}', b"\xff", b"[" * 100_000, b"{", b"9" * 9999]
)
def test_messages_that_are_none(payload):
    with pytest.raises(ProtocolError):
        wire.unpack(payload)


def mutated(document, rng):
    """A copy of a document in which one place, drawn at random, holds something else."""
    junk = [None, True, -1, 1e308, 10**40, "", "array", [], {}, [[]], {"kind": "array"}, "<f8", [0, 0], "\ud800" * 5]
    if rng.random() < 0.3 or not isinstance(document, dict | list) or not document:
        return rng.choice(junk)
    copy = dict(document) if isinstance(document, dict) else list(document)
    place = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    if rng.random() < 0.1:
        del copy[place]
    else:
        copy[place] = mutated(copy[place], rng)
    return copy


def garbled(payload, rng):
    """A message with a few of its bytes changed, doubled or cut."""
    content = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content))
        content[place : place + rng.randint(0, 3)] = bytes(rng.choices(range(256), k=rng.randint(0, 3)))
    return bytes(content) or b"x"


def test_garbage_is_decoded_or_refused_and_nothing_else():
    rng, refused = random.Random(0), 0
    documents = [wire.encode_observation(observation) for observation in OBSERVATIONS]
    for _ in range(1500):
        document = rng.choice(documents)
        payload = garbled(json.dumps(document).encode(), rng) if rng.random() < 0.5 else None
        try:
            document = wire.unpack(payload) if payload else mutated(document, rng)
            assert isinstance(wire.decode_observation(document), Observation)
        except ProtocolError:
            refused += 1
    assert 500 < refused < 1500


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


@pytest.mark.parametrize("isolation", LEVELS)
def test_the_folder_is_fresh_and_empty(isolation):
    cells = ["import os", "open('left', 'w').write('x')"]
    assert value_of("os.listdir()", *cells, isolation=isolation) == "['left']"
    assert value_of("os.listdir() + [os.getcwd() == os.environ['HOME']]", "import os", isolation=isolation) == "[True]"


def test_the_folder_is_taken_away():
    with box("open('left', 'w').write('x')") as sandbox:
        folder = Path(sandbox._folder)
        assert (folder / "left").exists() or sandbox.isolation != "process"
    assert not folder.exists()


def test_output_is_dropped():
    cells = ["import os, sys, warnings", "print('x' * 10**7)\nsys.stderr.write('y' * 10**7)\nwarnings.warn('z')"]
    cells.append("[os.write(fd, b'x') for fd in (1, 2)]")
    assert value_of("[os.readlink(f'/proc/self/fd/{fd}') for fd in (0, 1, 2)]", *cells) == str(["/dev/null"] * 3)


def test_results_that_are_too_large_are_described():
    with box("import numpy as np\ndef f(x):\n    return np.zeros(10**6 - 1)") as sandbox:
        assert sandbox.call("f", case(1)).value == Opaque("a result too large to be sent")


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
    ("def f(x):\n    signal.pthread_sigmask(0, range(1, 60)); time.sleep(99)", "timeout", "`f` did not finish within 1 seconds."),
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
    (FORGER + "def f(x):\n    [os.write(fd, b'\\xff' * 99) for fd in range(3, 64) if os.path.exists(f'/proc/self/fd/{fd}')]", "crashed", "`f` sent the grader something that is no answer (4294967295 bytes, more than 8000000)."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "message"), LOSSES, ids=range(len(LOSSES)))
def test_losses_in_a_call(source, status, message):
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
    with box("import time\ndef f():\n    time.sleep(0.4)", timeout=1.0) as sandbox:
        calls = iter(lambda: sandbox.call("f", case()).outcome, None)
        assert next(calls) == "returned"
        with pytest.raises(Lost, match="`f` did not finish within 1 seconds"):
            list(itertools.islice(calls, 9))


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


def test_not_starting_is_the_graders_own_failure(monkeypatch):
    monkeypatch.setattr(
        levels, "command", lambda level, python, hidden: [python[0], "-c", "raise SystemExit('no luck')"]
    )
    with pytest.raises(CannotStart, match=r"ended the process that it ran in \(exit code 1\). no luck"):
        box("x = 1").__enter__()
    monkeypatch.setattr(levels, "command", lambda level, python, hidden: ["/nothing/there"])
    with pytest.raises(CannotStart, match="No such file"):
        box("x = 1").__enter__()


def test_a_start_that_hangs(monkeypatch):
    monkeypatch.setattr(sandbox_module, "STARTING", 0.5)
    monkeypatch.setattr(
        levels, "command", lambda level, python, hidden: [python[0], "-c", "import time; time.sleep(99)"]
    )
    with pytest.raises(CannotStart, match=r"did not finish within 0\.5 seconds"):
        box("x = 1").__enter__()


# ---- what is left behind, and what can be seen

LINGER = "import subprocess\np = subprocess.Popen(['sleep', '987'])\ndef f():\n    return str(p.pid)"


def test_children_of_the_same_group_are_ended():
    with box(LINGER) as sandbox:
        pid = int(sandbox.call("f", case()).value)
    assert not is_running(pid)


def is_running(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a process that its parent ended")
def test_a_hanging_submission_ends_with_the_grader(tmp_path):
    program = """
import sys
from course_utils.grading.sandbox import Sandbox
from course_utils.grading.submissions import Cell
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


@in_bubblewrap
def test_children_that_leave_their_group_end_with_bubblewrap(tmp_path):
    marker = f"bwrap-lingers-{os.getpid()}"
    daemon = f"import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 987; : {marker}'], start_new_session=True)"
    with box(daemon, "def f():\n    return 1", isolation="bubblewrap") as sandbox:
        assert sandbox.call("f", case()).value == 1
        assert marker in processes()
    for _ in range(50):
        if marker not in processes():
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert marker not in processes()


def processes():
    return subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout


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


@in_bubblewrap
def test_bubblewrap_shows_neither_the_course_nor_the_submissions_nor_home(tmp_path):
    other = tmp_path / "ann" / "02_sigmoid.ipynb"
    other.parent.mkdir()
    other.write_text("{}")
    course = Path(course_utils.__file__).parent
    with box(SEES, isolation="bubblewrap", hidden=(tmp_path,)) as sandbox:
        hidden = [str(other), str(course / "exercises"), str(course / "__init__.py"), __file__, "/etc/passwd"]
        assert all(Path(path).exists() for path in hidden)
        assert {path: bool(sandbox.call("f", case(path)).value) for path in hidden} == dict.fromkeys(hidden, False)
        assert sandbox.call("f", case(sys.executable)).value
        for path in (str(other), sys.prefix + "/x", "/x", "/dev/x", "/dev/shm/x", "/usr/x"):
            assert sandbox.call("g", case(path)).error in ("OSError", "FileNotFoundError", "PermissionError"), path
        assert sandbox.call("g", case("/tmp/x")).outcome == "returned"
    assert other.read_text() == "{}"


@in_bubblewrap
def test_bubblewrap_hides_folders_inside_of_what_is_seen(tmp_path, monkeypatch):
    (tmp_path / "packages" / "secret").mkdir(parents=True)
    (tmp_path / "packages" / "secret" / "file").touch()
    (tmp_path / "packages" / "library.py").touch()
    seen = [*levels.library_paths(), str(tmp_path / "packages")]
    monkeypatch.setattr(levels, "library_paths", lambda: seen)
    with box(SEES, isolation="bubblewrap", hidden=(tmp_path / "packages" / "secret",)) as sandbox:
        assert sandbox.call("f", case(str(tmp_path / "packages" / "library.py"))).value
        assert not sandbox.call("f", case(str(tmp_path / "packages" / "secret" / "file"))).value
        assert sandbox.call("g", case(str(tmp_path / "packages" / "secret" / "x"))).outcome == "raised"


@in_bubblewrap
def test_bubblewrap_has_no_network():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, box(SEES, isolation="bubblewrap") as sandbox:
        assert sandbox.call("h", case(server.getsockname()[1])).outcome == "raised"


def test_limits_are_set():
    limits = value_of("[resource.getrlimit(getattr(resource, n))[1] for n in ('RLIMIT_DATA', 'RLIMIT_CORE', 'RLIMIT_NOFILE')]", "import resource")  # fmt: skip
    assert limits == "[3221225472, 0, 256]"


def test_a_level_that_does_not_work_says_why(monkeypatch):
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: None)
    assert works("bubblewrap") == "bubblewrap (bwrap) is not installed"
    monkeypatch.undo()
    assert works("process") == ""
