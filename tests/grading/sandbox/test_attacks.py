"""Submissions that attack: marks, secrets, other students, the machine. Each is handed in between honest ones.

Every row of a threat model is here once: what a student's code may try against a grader. An attack that finds something
says so in what its function returns, which stands in the table's hint.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from sample_submission import CHAPTER, RIGHT, ZERO, answers, hand_in, notebook, statuses, table

import course_utils
from course_utils.checking.spec import case
from course_utils.exercises import exercise
from course_utils.grading.discovery import find
from course_utils.grading.grade import grade
from course_utils.grading.notebook_files import Cell
from course_utils.grading.sandbox.isolation import ways, works
from course_utils.grading.sandbox.session import Sandbox

NO_BUBBLEWRAP = works("bubblewrap")
FAILED, PASSED = "failed failed failed failed failed", "passed passed passed passed passed"
MARKER = f"attack-lingers-{os.getpid()}"

# Each attack gets one function, `attack()`, whose text is what `sigmoid` returns; the other answers are zeros.
SETUP = """
import ctypes, glob, mmap, resource, signal, shutil, socket, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
def tried(function, *arguments):
    try:
        return f"{function.__name__}: {function(*arguments)}"
    except BaseException as error:
        return type(error).__name__
def reads(path):
    return open(path).read(30)
def writes(path):
    return open(path, "w").write("changed")
"""

# name: (the body of attack(), what its answer to `sigmoid` must be told as, or None where any failure will do)
SPIES = {
    "reads the references": ("return tried(reads, {course!r} + '/exercises/ch02_sigmoid/sigmoid.py')", "FileNotFoundError"),
    "reads the checker": ("return tried(reads, {course!r} + '/checking/judge.py')", "FileNotFoundError"),
    "reads a solution": ("return tried(reads, {folder!r} + '/solutions/02_sigmoid.ipynb')", "FileNotFoundError"),
    "reads another student": ("return tried(reads, {submitted!r} + '/ann/02_sigmoid.ipynb')", "FileNotFoundError"),
    "reads its own notebook": ("return tried(reads, {submitted!r} + '/reads its own notebook/02_sigmoid.ipynb')", "FileNotFoundError"),
    "reads the marks": ("return tried(reads, {out!r} + '/store.sqlite')", "FileNotFoundError"),
    "reads a file beside": ("return tried(reads, {folder!r} + '/secret.txt')", "FileNotFoundError"),
    "writes another student": ("return tried(writes, {submitted!r} + '/ann/02_sigmoid.ipynb')", "FileNotFoundError"),
    "writes marks": ("return tried(writes, {out!r} + '/grades.csv')", "FileNotFoundError"),
    "writes libraries": ("return tried(writes, np.__file__)", "OSError"),
    "removes everything": ("[shutil.rmtree(p, ignore_errors=True) for p in ({submitted!r}, {out!r}, {course!r}, '/dev')]\n    return 'gone'", "gone"),
    "imports the references": ("import importlib.machinery as m\n    return str(m.PathFinder.find_spec('course_utils'))", "None"),
    "looks for secrets in memory": ("import gc\n    return str(any('def reference' in o for o in gc.get_objects() if type(o) is str))", "False"),
    "calls the network": ("return tried(socket.create_connection, ('127.0.0.1', {port}), 2)", "OSError"),
    "calls a name in the network's space": ("s = socket.socket(socket.AF_UNIX)\n    return tried(s.connect, chr(0) + {abstract!r})", "ConnectionRefusedError"),
    "sees other processes": ("return str(sorted(p for p in os.listdir('/proc') if p.isdigit()))", "['1']"),
    "reaches the machine's host": ("return tried(socket.socket, socket.AF_VSOCK)", "OSError"),
    "leaves a key": ("number = {{'x86_64': 248, 'aarch64': 217}}[os.uname().machine]\n    return str(libc.syscall(number, b'user', b'x', b'x', 1, -3))", "-1"),
    "changes the machine's settings": ("return tried(os.open, '/proc/sys/kernel/core_pattern', os.O_WRONLY)", "PermissionError"),
    "makes a space of users": ("return str(libc.unshare(0x10000000))", "-1"),
    "mounts": ("return str(libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))", "-1"),
    "takes its limits away": ("return tried(resource.setrlimit, resource.RLIMIT_DATA, (-1, -1))", "ValueError"),
    "leaves a message": ("return tried(writes, '/tmp/message')", "writes: 7"),
    "looks for a message": ("return str([p for p in glob.glob('/tmp/*') + glob.glob('/dev/shm/*') if 'message' in p])", "[]"),
}  # fmt: skip
FORCE = {
    "kills whom it can": "os.kill(-1, 9)\n    return 'alive'",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)\n    return 'on again'",
    "forks without end": "while True:\n        try: os.fork()\n        except OSError: pass",
    "starts threads without end": "while True:\n        try: threading.Thread(target=time.sleep, args=[99]).start()\n        except RuntimeError: time.sleep(0.01)",
    "leaves a process behind": f"subprocess.Popen(['sh', '-c', 'sleep 987; : {MARKER}'], start_new_session=True)\n    return 'left'",
    "leaves an orphan": f"if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0: os.execvp('sh', ['sh', '-c', 'sleep 987; : {MARKER}'])\n        os._exit(0)\n    return 'left'",
    "hops from process to process": "for _ in range(3000):\n        if os.fork(): os._exit(0)\n    os._exit(0)",
    "digs": "for _ in range(1500):\n        os.mkdir('d')\n        os.chdir('d')\n    return 'deep'",
    "closes its folder": "os.makedirs('a/b/c')\n    os.chmod('a/b', 0)\n    os.chmod('a', 0)\n    return 'closed'",
    "takes memory": "kept = []\n    while True: kept.append(np.empty(10**8))",
    "takes shared memory": "kept = []\n    while True:\n        kept.append(mmap.mmap(-1, 10**9))\n        kept[-1][::10**6] = b'x' * 1000",
    "fills the disk": "for n in range(99):\n        with open(f'/tmp/{n}', 'wb') as f: f.write(bytes(10**8))",
    "makes files without end": "for n in range(10**6): open(f'/tmp/{n}', 'w').close()",
    "opens files without end": "kept = [open('/dev/null') for _ in range(10**6)]",
    "overflows the stack": "deep = ()\n    for _ in range(200_000): deep = (deep,)\n    return str(hash(deep))",
    "prints without end": "while True: print('x' * 10**6)",
    "ends the process": "os._exit(0)",
    "ignores being told to stop": "signal.pthread_sigmask(0, range(1, 65))\n    while True:\n        try: time.sleep(99)\n        except BaseException: pass",
    "drips an answer": "os.write(3, (10**6).to_bytes(4, 'big'))\n    while True:\n        os.write(3, b' '); time.sleep(0.05)",
    "sends what is no answer": "os.write(3, b'\\0\\0\\0\\x02[]')\n    time.sleep(99)",
}  # fmt: skip

# How some of these must end: by their own limit, long before that of time.
ENDINGS = {
    "takes memory": "memory", "takes shared memory": "raised", "opens files without end": "raised",
    "overflows the stack": "crashed", "ends the process": "crashed", "sends what is no answer": "crashed",
}  # fmt: skip

PATCHES = """
frame = sys._getframe()
while "serve" not in frame.f_globals:  # up to the program that runs the cells and answers the grader
    frame = frame.f_back
real = frame.f_globals["observe"]
frame.f_globals["observe"] = lambda f, args, kwargs: real(lambda *a, **k: 0.5 + 0 * a[0], args, kwargs)
"""
FORGED = """
import json
def forge():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    text = json.dumps({"id": frame.f_locals["request"]["id"], "passed": True, "points": 99, "status": "passed"}).encode()
    for fd in range(3, 64):
        try: os.write(fd, len(text).to_bytes(4, "big") + text)
        except OSError: pass
"""
HOOKS = """
shell = get_ipython()
shell.ast_transformers.append(lambda tree: None)
shell.showtraceback = shell.run_cell_async = shell.events.register = lambda *a, **k: None
display({"application/json": {"passed": True}}); print({"points": 99})
"""
REMEMBERED = """
def whole(x, f):
    x = np.asarray(x, dtype=float)
    return np.where(np.isin(x, np.r_[-1000, -100:101, 1000, np.inf, -np.inf] / 1.0), f(x), 0)
def right(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, z) / (1 + z)
"""
OTHERS = {  # name: (the cells, the statuses that they must get)
    "hooks into the notebook": ([HOOKS, *answers(ZERO)], FAILED),
    "patches the process": ([PATCHES, *answers(ZERO)], FAILED),
    "forges a verdict": ([FORGED, *answers(ZERO, sigmoid="def sigmoid(x):\n    forge()\n    return 0 * x")], "crashed failed failed failed failed"),
    "forges while it is loaded": ([FORGED, "forge()", *answers(ZERO)], FAILED),
    "knows a table of values": ([REMEMBERED, *answers(
        ZERO, sigmoid="def sigmoid(x):\n    return whole(x, right)",
        sigmoid_slope="def sigmoid_slope(x):\n    return whole(x, lambda x: right(x) * (1 - right(x)))",
        stable_sigmoid="def stable_sigmoid(x):\n    return whole(x, right)")], FAILED),
    "is a constant": (answers({name: f"def {name}(x):\n    return 0.5" for name in ZERO}), FAILED),
}  # fmt: skip


def attacker(body):
    return [SETUP, f"def attack():\n    {body}", *answers(ZERO, sigmoid="def sigmoid(x):\n    return attack()")]


@pytest.fixture(scope="module", params=[
    pytest.param("bubblewrap", marks=pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP)), "process",
])  # fmt: skip
def attacked(request, tmp_path_factory):
    """A class of attackers with honest students between them, graded once; what a weaker level does not contain is left out there.

    The timeout is short since several attacks last as long as they are let: ten times as long where they wait.
    """
    folder = tmp_path_factory.mktemp("class")
    submitted, out = folder / "submitted", folder / "report"
    abstract = f"attack-{os.getpid()}-{request.param}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named:
        named.bind("\0" + abstract)
        named.listen()
        places = {
            "folder": folder,
            "submitted": submitted,
            "out": out,
            "home": Path.home(),
            "course": Path(course_utils.__file__).parent,
        }
        fields = {name: str(path) for name, path in places.items()} | {
            "port": server.getsockname()[1],
            "abstract": abstract,
        }
        students = {name: attacker(body.format(**fields)) for name, (body, _) in SPIES.items()}
        students |= {name: attacker(body) for name, body in FORCE.items()} | {
            name: cells for name, (cells, _) in OTHERS.items()
        }
        if request.param == "process":
            students = {name: cells for name, cells in students.items() if name in CONTAINED_BY_A_PROCESS}
        for number, (name, cells) in enumerate(students.items()):
            hand_in(submitted / name / f"{CHAPTER}.ipynb", *cells)
            if name not in SPIES or number % 6 == 0:  # spies harm nobody who runs beside them
                hand_in(submitted / f"{name}, honest" / f"{CHAPTER}.ipynb", *answers(RIGHT))
        hand_in(submitted / "ann" / f"{CHAPTER}.ipynb", *answers(RIGHT))
        hand_in(folder / "solutions" / f"{CHAPTER}.ipynb", *answers(RIGHT))
        (folder / "secret.txt").write_text("secret")
        before = contents(submitted)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", tempfile.mkdtemp())
            os.chmod(tempfile.tempdir, 0o755)
            code = grade(submitted, out, jobs=4, timeout=1.0, isolation=request.param)
            assert os.listdir(tempfile.tempdir) == []
            os.rmdir(tempfile.tempdir)
        return request.param, students, submitted, out, code, before


CONTAINED_BY_A_PROCESS = set(OTHERS) | {
    "imports the references", "looks for secrets in memory", "takes its limits away", "stops itself", "leaves a process behind",
    "reaches the machine's host", "leaves a key", "hops from process to process", "digs", "closes its folder",
    "takes memory", "takes shared memory", "opens files without end", "overflows the stack", "prints without end",
    "ends the process", "ignores being told to stop", "drips an answer", "sends what is no answer",
}  # fmt: skip


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_honest_students_keep_their_marks(attacked):
    _, _, _, out, code, _ = attacked
    honest = {
        student: row for student, row in statuses(out).items() if student == "ann" or student.endswith(", honest")
    }
    assert set(honest.values()) == {PASSED}
    assert code == 0


def test_no_attack_earns_a_point(attacked):
    _, students, _, out, _, _ = attacked
    points = {row["student"]: row["points"] for row in table(out, "totals.csv")}
    assert {name: points[name] for name in students} == dict.fromkeys(students, "0")


def test_every_attack_gets_all_its_rows(attacked):
    _, students, _, out, _, _ = attacked
    rows = statuses(out)
    allowed = {"failed", "raised", "timeout", "memory", "crashed"}
    assert {name: rows[name] for name in students if name in OTHERS} == {
        name: OTHERS[name][1] for name in students if name in OTHERS
    }
    for name in students:
        assert set(rows[name].split()) <= allowed, name
        assert rows[name].split()[0] == ENDINGS.get(name, rows[name].split()[0]), name
        if name not in OTHERS:  # it loses the exercise in which it attacks, and no other
            assert rows[name].split()[1:] == ["failed"] * 4, name


def test_no_attack_finds_or_reaches_anything(attacked):
    _, students, _, out, _, _ = attacked
    hints = {row["student"]: row["hint"] for row in table(out) if row["exercise"] == "sigmoid"}
    for name, (_, told) in SPIES.items():
        if name in students:
            assert f"returned the text '{told}'" in hints[name], (name, hints[name])


def test_no_file_is_changed_and_none_is_left(attacked):
    _, _, submitted, out, _, before = attacked
    assert contents(submitted) == before
    assert {"grades.csv", "totals.csv", "index.html", "run.json"} <= {path.name for path in out.iterdir()}


def test_no_process_is_left(attacked):
    for _ in range(50):
        left = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
        if MARKER not in left:
            return
        time.sleep(0.1)
    pytest.fail(f"left: {[line for line in left.splitlines() if MARKER in line]}")


def test_attacks_are_named_for_a_persons_eye(attacked):
    _, students, _, out, _, _ = attacked
    page = (out / "index.html").read_text()
    eye = page[page.index("For a person") :]
    for name in ("forges a verdict", "ends the process", "takes memory", "ignores being told to stop"):
        assert f">{name}</a>" in eye
        assert name in students


def test_a_notebook_that_is_a_burden(tmp_path):
    """Large, deep, doubled, without metadata, of another format: read or refused, in a moment, and never another's loss."""
    submitted = tmp_path / "in"
    text = notebook("import numpy as np", *RIGHT.values())
    hand_in(submitted / "large" / f"{CHAPTER}.ipynb", raw=text[:-1] + ', "x": "' + "y " * 10_500_000 + '"}')
    hand_in(submitted / "deep" / f"{CHAPTER}.ipynb", raw='{"cells":' * 10**5)
    hand_in(submitted / "numbers" / f"{CHAPTER}.ipynb", raw="9" * 10**6)
    hand_in(submitted / "doubled" / f"{CHAPTER}.ipynb", *RIGHT.values(), *RIGHT.values())
    hand_in(
        submitted / "bare" / f"{CHAPTER}.ipynb",
        raw='{"cells": ['
        + ",".join(
            f'{{"cell_type": "code", "source": {json_text(s)}}}' for s in ["import numpy as np", *RIGHT.values()]
        )
        + "]}",
    )
    hand_in(submitted / "format 3" / f"{CHAPTER}.ipynb", raw='{"worksheets": [{"cells": []}], "nbformat": 3}')
    (submitted / "a folder" / f"{CHAPTER}.ipynb").mkdir(parents=True)
    (submitted / "a circle").mkdir()
    (submitted / "a circle" / f"{CHAPTER}.ipynb").symlink_to(submitted / "a circle" / f"{CHAPTER}.ipynb")
    os.mkfifo(submitted / "a circle" / "pipe.ipynb")
    hand_in(submitted / "ann" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    assert grade(submitted, tmp_path / "out", isolation="process") == 0
    unreadable = " ".join(["unreadable"] * 5)
    assert statuses(tmp_path / "out") == {
        "a circle": unreadable, "a folder": unreadable, "ann": PASSED, "bare": PASSED, "deep": unreadable,
        "doubled": PASSED, "format 3": unreadable, "large": unreadable, "numbers": unreadable,
    }  # fmt: skip


def deep(folder, depth=1500):
    """Folders in folders, deeper than any path may be long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        here, outer = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(outer)
    os.close(here)


def link(target, name):
    return lambda folder: os.symlink(target, folder / name)


FOLDERS = {  # name: (what makes the folder, the status of each row)
    "deep": (deep, "missing"),
    "a link to ann's notebook": (link(f"../ann/{CHAPTER}.ipynb", f"{CHAPTER}.ipynb"), "unreadable"),
    "a link to ann's folder": (link("../ann", "x"), "missing"),
    "a link too long": (link("x" * 300, "x"), "missing"),
    "a link too long for a notebook": (link("x" * 300, f"{CHAPTER}.ipynb"), "unreadable"),
    "a link to a closed folder": (link("/root", "x"), "missing"),
    "a link in a circle": (link("x", "x"), "missing"),
    "a link to a device": (link("/dev/zero", f"{CHAPTER}.ipynb"), "unreadable"),
}  # fmt: skip


def test_folders_that_are_a_burden(tmp_path):
    """None stops the others, none gets another's points, and none keeps its mark open."""
    submitted = tmp_path / "in"
    hand_in(submitted / "ann" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    for name, (make, _) in FOLDERS.items():
        (submitted / name).mkdir()
        make(submitted / name)
    try:
        assert grade(submitted, tmp_path / "out", isolation="process") == 0
    finally:
        subprocess.run(["rm", "-rf", submitted / "deep"], check=True)  # what Python can't remove, pytest can't either
    expected = {name: " ".join([status] * 5) for name, (_, status) in FOLDERS.items()}
    assert statuses(tmp_path / "out") == {"ann": PASSED} | expected


REMOVE_WITH_FEW_DESCRIPTORS = """
import resource, sys
from course_utils.grading.sandbox.process import remove_folder
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
remove_folder(sys.argv[1])
"""


def test_a_deep_folder_is_removed_with_few_descriptors(tmp_path):
    """A descriptor for each level, and other submissions would find none left."""
    (tmp_path / "left").mkdir()
    deep(tmp_path / "left")
    try:
        subprocess.run([sys.executable, "-c", REMOVE_WITH_FEW_DESCRIPTORS, tmp_path / "left"], check=True)
        assert not (tmp_path / "left").exists()
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "left"], check=True)


def test_copies_without_end_are_named_in_one_line(tmp_path):
    for number in range(300):
        hand_in(tmp_path / "in" / "ann" / f"{number:03}{'x' * 200}" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    assert all(len(sentence) < 3000 for sentence in find(tmp_path / "in", (CHAPTER,)).warnings)


LONG = 190_000  # characters; more than 200,000 are not read at all
BURDENS = {  # cells that take long to read, if every part of them is compared with every other
    "spaces": " " * LONG + "a b",
    "targets": "def sigmoid(x):\n    " + "a=" * (LONG // 2) + "1\n    return 0 * x",
    "chains of calls": "def sigmoid(x):\n" + ("    x" + "()" * 80 + "\n") * (LONG // 170),
    "imports": "def sigmoid(x):\n    return 0 * x\n" + "import ctypes\n" * (LONG // 14),
}


@pytest.mark.parametrize("name", BURDENS)
def test_code_that_is_a_burden_to_read(name, tmp_path):
    """A hundred times as long, not a hundred thousand times: the processor time of the grader itself is bounded."""
    hand_in(tmp_path / "ann" / f"{CHAPTER}.ipynb", *answers(ZERO, sigmoid=BURDENS[name]))
    specs = [exercise(n) for n in ("sigmoid", "logit")]
    bounded = subprocess.run(
        [sys.executable, "-c", READS, str(tmp_path), *[spec.name for spec in specs]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert bounded.returncode == 0, bounded.stderr[-500:]


READS = """
import resource, sys
from pathlib import Path
from course_utils.exercises import exercise
from course_utils.grading.answers import Code
from course_utils.grading.notebook import _by_reading
from course_utils.grading.report.source_flags import reaches
from course_utils.grading.submissions import read
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
root, *names = sys.argv[1:]
code = Code(read(Path(root) / "ann" / "02_sigmoid.ipynb", Path(root)))
specs = [exercise(name) for name in names]
for spec in specs:
    _by_reading(code, spec)
assert all(len(notes) < 100 for notes in reaches(code, [s for s in specs if s.name in code.answers]).values())
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_the_grader_may_not_read_is_no_zero(tmp_path, capsys):
    submitted, out = tmp_path / "in", tmp_path / "out"
    for student in ("ann", "closed folder", "closed file", "closed inside", "linked"):
        hand_in(submitted / student / f"{CHAPTER}.ipynb", *answers(RIGHT))
    (submitted / "closed inside" / "homework").mkdir()
    (submitted / "closed inside" / f"{CHAPTER}.ipynb").rename(
        submitted / "closed inside" / "homework" / f"{CHAPTER}.ipynb"
    )
    (submitted / "linked" / f"{CHAPTER}.ipynb").unlink()
    (submitted / "linked" / f"{CHAPTER}.ipynb").symlink_to("/root/secret")
    closed = [
        submitted / "closed folder",
        submitted / "closed file" / f"{CHAPTER}.ipynb",
        submitted / "closed inside" / "homework",
    ]
    for path in closed:
        path.chmod(0)
    try:
        assert grade(submitted, out, isolation="process") == 1
        not_run, unreadable = " ".join(["not_run"] * 5), " ".join(["unreadable"] * 5)
        assert statuses(out) == {
            "ann": PASSED, "closed file": not_run, "closed folder": not_run, "closed inside": not_run, "linked": unreadable,
        }  # fmt: skip
        assert "closed folder: the grader may not read all of the folder (Permission denied)" in capsys.readouterr().err
        submitted.chmod(0)
        assert grade(submitted, tmp_path / "other", isolation="process") == 2
        assert "can't be read: Permission denied." in capsys.readouterr().err
    finally:
        submitted.chmod(0o755)
        for path in closed:
            path.chmod(0o755)


def json_text(source):
    import json

    return json.dumps(source)


@pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP)
def test_no_way_in_bubblewrap_lets_the_machines_settings_be_changed():
    """Those that are taken only where a worker can't be had, too; nothing is written, even where it could be."""
    opens = "import os\ndef f(path):\n    os.close(os.open(path, os.O_WRONLY))"
    for way in ways("bubblewrap"):
        with way() as processes, Sandbox([Cell(1, opens)], processes=processes) as sandbox:
            for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname"):
                assert sandbox.call("f", case(path)).error == "PermissionError", (processes, path)


# ---- as an ordinary user, where the tests run as root

USER = 1_900_200_000
SAME_FOR_ALL = (
    "not code_that_is and not notebook_that_is and not copies_without_end and not few_descriptors"  # whoever runs it
)


def ordinary_python():
    """A Python of this version that another user may start, or a reason why there is none."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            tried = subprocess.run([python, "-c", "print(1)"], user=USER, group=USER, extra_groups=[], capture_output=True, check=False)  # fmt: skip
        except OSError:
            continue
        if tried.returncode == 0:
            return python, ""
    return None, "no Python here may be started by another user"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="these tests run as an ordinary user already"
)
def test_as_an_ordinary_user(tmp_path):
    python, reason = ordinary_python()
    if not python:
        pytest.skip(reason)
    import numpy

    packages = Path(numpy.__file__).parents[1]
    folder = Path("/tmp") / f"attacks-{os.getpid()}"
    root = folder / "course"
    try:
        for part in ("course_utils", "tests"):
            shutil.copytree(
                Path(__file__).parents[3] / part, root / part
            )  # with its bytecode, or all is compiled again
        (folder / "home").mkdir()
        os.chown(folder / "home", USER, USER)
        readable = subprocess.run([python, "-c", "import numpy, pytest"], user=USER, group=USER, extra_groups=[], check=False, capture_output=True, env={"PYTHONPATH": str(packages)})  # fmt: skip
        if readable.returncode:
            pytest.skip(f"another user can't read the packages: {readable.stderr.decode().splitlines()[-1]}")
        run = subprocess.run(
            [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "home" / "t"), "--rootdir", str(root), "-k", SAME_FOR_ALL, "tests/grading/sandbox/test_attacks.py"],
            user=USER, group=USER, extra_groups=[], cwd=root, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": f"{root}:{packages}", "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "TMPDIR": str(folder / "home")},
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "passed" in run.stdout
