"""A run of `course grade` as a whole: stopped and gone on with, with a worker that dies, and on a Dask cluster."""

import contextlib
import errno
import json
import os
import pkgutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace

import pytest
from sample_submission import CHAPTER, NAMES, RIGHT, ZERO, answers, hand_in, statuses, table

from course_utils.checking.picture import Curve
from course_utils.checking.verdict import Verdict
from course_utils.exercises import exercise
from course_utils.grading import engines, files, store
from course_utils.grading import notebook as notebook_module
from course_utils.grading.answers import Code
from course_utils.grading.grade import grade
from course_utils.grading.notebook import Graded, NotebookTask
from course_utils.grading.notebook_files import Cell
from course_utils.grading.report.source_flags import reaches
from course_utils.grading.sandbox import fork_server
from course_utils.grading.sandbox.isolation import works
from course_utils.grading.sandbox.pool import ForkPool, OneByOne
from course_utils.grading.store import open_store, task_digest

on_linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux has what a worker needs")
NO_BUBBLEWRAP = works("bubblewrap")
ALL_PASSED = "passed passed passed passed passed"


def a_class(folder, number=4):
    for place in range(number):
        hand_in(folder / f"s{place}" / f"{CHAPTER}.ipynb", *answers(RIGHT if place % 2 == 0 else ZERO))
    return folder


# ---- stopped, and gone on with


class Stopped(BaseException):
    """Stands for Ctrl-C."""


def stop_after(monkeypatch, number):
    """Let a run be stopped when so many notebooks have been graded; returns the list of the graded ones."""
    original, graded = engines.grade_notebook, []

    def counting(task, terms, processes):
        if len(graded) == number:
            raise Stopped
        graded.append(task)
        return original(task, terms, processes)

    monkeypatch.setattr(engines, "grade_notebook", counting)
    return graded


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch, capsys):
    submitted, out = a_class(tmp_path / "in"), tmp_path / "out"
    first = stop_after(monkeypatch, 2)
    with pytest.raises(Stopped):
        grade(submitted, out, jobs=1, isolation="process")
    seed = json.loads((out / "run.json").read_text())["seed"]
    monkeypatch.undo()
    second = stop_after(monkeypatch, 99)
    capsys.readouterr()
    assert grade(submitted, out, jobs=1, isolation="process") == 0
    assert (len(first), len(second)) == (2, 2)
    assert capsys.readouterr().out.startswith("Going on with an earlier run: 2 of 4 notebooks are graded already.\n")
    assert json.loads((out / "run.json").read_text())["seed"] == seed
    assert statuses(out)["s0"] == statuses(out)["s2"] == ALL_PASSED
    assert list(kept(out)) == []
    monkeypatch.undo()
    third = stop_after(monkeypatch, 99)
    assert grade(submitted, out, jobs=1, isolation="process") == 0
    assert len(third) == 4  # a finished report is made anew
    assert json.loads((out / "run.json").read_text())["seed"] != seed


def kept(out):
    """The results of the run that is not finished."""
    with contextlib.closing(sqlite3.connect(out / store.FILE)) as connection:
        return connection.execute("SELECT * FROM result").fetchall()


@pytest.mark.parametrize("what", ["another timeout", "another answer"])
def test_only_what_still_holds_is_kept(tmp_path, monkeypatch, what):
    submitted, out = a_class(tmp_path / "in"), tmp_path / "out"
    stop_after(monkeypatch, 2)
    with pytest.raises(Stopped):
        grade(submitted, out, jobs=1, isolation="process")
    monkeypatch.undo()
    again = stop_after(monkeypatch, 99)
    if what == "another answer":
        hand_in(submitted / "s0" / f"{CHAPTER}.ipynb", *answers(ZERO))
    assert grade(submitted, out, jobs=1, isolation="process", timeout=9.0 if what == "another timeout" else 10.0) == 0
    assert len(again) == (4 if what == "another timeout" else 3)
    assert statuses(out)["s2"] == ALL_PASSED
    assert (statuses(out)["s0"] == ALL_PASSED) == (what != "another answer")


def test_results_survive_the_file(tmp_path):
    curve = Curve(*([[0.0, float("inf"), float("nan")]] * 3))
    import numpy as np

    verdict = Verdict(
        "sigmoid",
        "failed",
        0,
        1,
        "At x = \udcff",
        "why?",
        "minus",
        Curve(*map(np.array, (curve.x, curve.got, curve.expected))),
    )
    graded = Graded((verdict, Verdict("logit", "not_run", None, 1, "")), (("a note",), ()))
    key = ("a\udcffb", CHAPTER, "0")
    with open_store(tmp_path, {"timeout": 1}) as first:
        first.keep(key, graded)
        first.keep(("b", CHAPTER, "1"), Graded((), (), "the grader failed"))
    with open_store(tmp_path, {"timeout": 1}) as second:
        pass
    assert second.seed == first.seed
    assert list(second.kept) == [key]
    assert repr(second.kept[key]) == repr(graded)
    assert np.array_equal(second.kept[key].verdicts[0].curve.got, curve.got, equal_nan=True)
    with open_store(tmp_path, {"timeout": 2}) as third:
        assert third.kept == {}
    with open_store(tmp_path, {"timeout": 1}) as fourth:
        assert fourth.kept == {}


KEEPS = """
import sys
from dataclasses import replace
from pathlib import Path
from course_utils.grading.notebook import Graded
from course_utils.grading.store import open_store
with open_store(Path(sys.argv[1]), {}) as store:
    for number in range(10**6):
        store.keep(("s", "c", str(number)), Graded((), ()))
        print(number, flush=True)
"""


def test_a_run_that_is_killed_loses_no_result_that_it_has_kept(tmp_path):
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", KEEPS, tmp_path], stdout=subprocess.PIPE, text=True) as run:
            said = [run.stdout.readline() for _ in range(20)]
            run.kill()
            said += run.stdout.read().splitlines()
        with open_store(tmp_path, {}) as left:
            assert {("s", "c", str(int(number))) for number in said} <= left.kept.keys()
    assert [path.name for path in tmp_path.iterdir()] == [store.FILE]


def test_a_report_is_finished_as_a_whole_or_not_at_all(tmp_path):
    with open_store(tmp_path, {}) as first:
        for number in range(100):
            first.keep(("a", "c", str(number)), Graded((), ((f"note {number} " * 200,),)))
        with pytest.raises(TypeError):
            first.finish({"marks": object()})
    with open_store(tmp_path, {}) as second:
        assert (len(second.kept), second.last_report) == (100, None)
        second.finish({"marks": {}})
    assert [path.name for path in tmp_path.iterdir()] == [store.FILE]
    assert (tmp_path / store.FILE).stat().st_size < 50_000  # the results are off the disk
    with open_store(tmp_path, {}) as third:
        assert (third.kept, third.last_report, third.seed == second.seed) == ({}, {"marks": {}}, False)


def damaged(path, what):
    if what in ("text", "nothing"):
        path.write_text("no database\n" * 99 if what == "text" else "")
    elif what == "torn":
        path.write_bytes(path.read_bytes()[:6000])
    elif what == "overwritten":
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    else:
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(what)


@pytest.mark.parametrize(
    "what",
    [
        "text",
        "nothing",
        "torn",
        "overwritten",
        "PRAGMA user_version=99",
        "ALTER TABLE result RENAME COLUMN graded TO other",
        "UPDATE result SET graded = '{'",
        "UPDATE result SET graded = '[]'",
        "UPDATE report SET document = '{'",
    ],
)
def test_a_store_that_is_none_is_begun_anew(tmp_path, what):
    with open_store(tmp_path, {}) as first:
        first.finish({})
    with open_store(tmp_path, {}) as second:
        for number in range(20):
            second.keep(("a", "c", str(number)), Graded((), (("note " * 200,),)))
    damaged(tmp_path / store.FILE, what)
    with open_store(tmp_path, {}) as third:
        assert (third.kept, third.last_report) == ({}, None)
        third.keep(("a", "c", "1"), Graded((), ()))
    with open_store(tmp_path, {}) as fourth:
        assert len(fourth.kept) == 1


@pytest.mark.parametrize("locks", ["of the folder", "of the file alone", "none"])
def test_one_run_at_a_time_where_the_system_has_locks(tmp_path, monkeypatch, locks):
    if locks == "of the file alone":  # Windows
        monkeypatch.setattr(store, "fcntl", None)
    if locks == "none":  # some network file systems
        monkeypatch.setattr(store.fcntl, "flock", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOLCK, "No locks")))
    with open_store(tmp_path, {}) as first:
        if locks != "none":
            with pytest.raises(BlockingIOError), open_store(tmp_path, {}):
                pass
        first.keep(("a", "c", "1"), Graded((), ()))
    with open_store(tmp_path, {}) as second:
        assert len(second.kept) == 1


def test_a_run_that_was_ended_before_its_first_file_was_whole_can_go_on(tmp_path):
    submitted, out = a_class(tmp_path / "in", 1), tmp_path / "out"
    out.mkdir()
    with open_store(out, {}):
        (out / f"{files.UNFINISHED}x").write_text("{")
    assert grade(submitted, out, isolation="process") == 0


def test_a_digest_tells_tasks_apart():
    tasks = [
        NotebookTask("a", None),
        NotebookTask("b", None),
        NotebookTask("a", ()),
        NotebookTask("a", None, "torn"),
        NotebookTask("a", None, failure="torn"),
    ]
    tasks += [
        NotebookTask("a", (Cell(1, "x"),)),
        NotebookTask("a", (Cell(2, "x"),)),
        NotebookTask("a", (Cell(1, "y"),)),
    ]
    assert len(set(map(task_digest, tasks))) == len(tasks)


def test_two_runs_do_not_share_a_report(tmp_path, capsys):
    submitted, out = a_class(tmp_path / "in", 1), tmp_path / "out"
    out.mkdir()
    with open_store(out, {}):
        assert grade(submitted, out, isolation="process") == 2
    assert "Another run writes into" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == [store.FILE]
    assert grade(submitted, out, isolation="process") == 0


def no_more_pages_after(number, keep):
    """`Store.keep` on a disk that has room for so many results."""
    results = []

    def keeping(self, key, graded):
        results.append(key)
        if len(results) > number:
            self._connection.execute("PRAGMA max_page_count=1")  # SQLite takes the pages that there are
        keep(self, key, graded)

    return keeping


@pytest.mark.parametrize("where", ["while it grades", "in the report"])
def test_a_disk_that_is_full_says_so_and_keeps_what_is_graded(tmp_path, monkeypatch, capsys, where):
    import errno

    from course_utils.grading import grade as grade_module

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    submitted, out = a_class(tmp_path / "in"), tmp_path / "out"
    if where == "in the report":
        monkeypatch.setattr(grade_module.report_files, "write", full)
    else:
        monkeypatch.setattr(store.Store, "keep", no_more_pages_after(2, store.Store.keep))
    assert grade(submitted, out, jobs=1, isolation="process") == 1
    reason = "No space left on device" if where == "in the report" else "database or disk is full"
    assert f"can't be written: {reason}. What is graded so far is kept" in capsys.readouterr().err
    saved = len(kept(out))
    assert saved == 4 if where == "in the report" else 2 <= saved < 4
    monkeypatch.undo()
    assert grade(submitted, out, jobs=1, isolation="process") == 0
    assert f"{saved} of 4 notebooks are graded already" in capsys.readouterr().out


LINGERS = """
import os, subprocess, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sh", ["sh", "-c", "sleep 987; : {marker}"])
    os._exit(0)
"""


def running(marker):
    left = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
    return any("sleep 987" in line and marker in line for line in left.splitlines())


def wait_until(holds):
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it never came")


@on_linux
@pytest.mark.parametrize(
    "level",
    ["process", pytest.param("bubblewrap", marks=pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=NO_BUBBLEWRAP))],
)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_grader_that_is_ended_leaves_nothing_running(tmp_path, how, level):
    marker = f"ended-{os.getpid()}-{how}-{level}"
    hand_in(
        tmp_path / "in" / "s" / f"{CHAPTER}.ipynb",
        LINGERS.format(marker=marker),
        *answers(RIGHT, sigmoid="def sigmoid(x):\n    time.sleep(900)"),
    )
    command = f"import sys, signal; signal.signal(2, signal.default_int_handler); from course_utils.cli import main; sys.exit(main(['grade', 'in', '--out', 'out', '--isolation', '{level}', '--timeout', '900']))"
    grader = subprocess.Popen([sys.executable, "-c", command], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: running(marker))
        grader.send_signal(how)
        assert grader.wait(120) != 0
        wait_until(lambda: not running(marker))
    finally:
        grader.kill()


# ---- a worker that dies


class Dying(ForkPool):
    """A worker that is ended under the first submission, or under each."""

    always = False
    died = 0

    def start(self, **how):
        forked = super().start(**how)
        if self.always or not self.died:
            self.died += 1
            with self._lock:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        return forked


def graded_by(processes, timeout=10.0, **changed):
    cells = [
        Cell(number, source) for number, source in enumerate(["import numpy as np", *answers(RIGHT, **changed)], 1)
    ]
    graded = notebook_module.grade_notebook(
        NotebookTask(CHAPTER, tuple(cells)), notebook_module.Terms(0, timeout), processes
    )
    return replace(graded, verdicts=graded.verdicts[: len(NAMES)], notes=graded.notes[: len(NAMES)])


@on_linux
@pytest.mark.parametrize("always", [False, True])
def test_a_worker_that_dies_is_replaced_and_its_submission_run_again_by_itself(always):
    with Dying("process") as processes:
        processes.always = always
        first, second = graded_by(processes), graded_by(processes)
    for graded in (first, second) if always else (first,):
        assert [verdict.status for verdict in graded.verdicts] == ALL_PASSED.split()
        assert all("was run again by itself" in notes[-1] for notes in graded.notes)
    assert [verdict.status for verdict in second.verdicts] == ALL_PASSED.split()
    assert any(second.notes) == always


@on_linux
def test_a_submission_that_is_lost_twice_is_not_run_and_no_zero(monkeypatch):
    from course_utils.grading.sandbox.process import CannotStart

    def no_luck(self, **how):
        raise CannotStart("no process to be had")

    monkeypatch.setattr(OneByOne, "start", no_luck)
    with Dying("process") as processes:
        graded = graded_by(processes)
    assert {(verdict.status, verdict.points) for verdict in graded.verdicts} == {("not_run", None)}
    assert "no process to be had" in graded.failure


@on_linux
def test_where_no_process_is_to_be_had_the_next_one_still_gets_a_space_of_its_own(monkeypatch):
    def none_left():
        raise BlockingIOError

    worker, calls = fork_server.ForkServer.__new__(fork_server.ForkServer), []
    worker.separate, worker.home = True, 7
    monkeypatch.setattr(fork_server.containment, "call", lambda name, *arguments: calls.append(name))
    monkeypatch.setattr(fork_server.os, "fork", none_left)
    with pytest.raises(BlockingIOError):
        worker.fork()
    assert calls == ["unshare", "setns"]


@on_linux
def test_a_notebook_that_is_loaded_again_and_again_has_an_end(monkeypatch):
    """Each exercise that is lost costs a loading; an ordinary notebook has used up the time for none of them."""
    monkeypatch.setattr(notebook_module, "LOADING", 3.0)
    ends = {name: f"import os, time\ndef {name}(x):\n    os._exit(1)" for name in RIGHT}
    ends["logit"] = "import time\nwhile time.process_time() < 2:\n    pass\n" + ends["logit"]
    with ForkPool("process") as processes:
        statuses = [verdict.status for verdict in graded_by(processes, timeout=1.0, **ends).verdicts]
    assert statuses == ["crashed"] * 4 + ["timeout"]


@on_linux
def test_many_submissions_leave_nothing_behind(tmp_path, monkeypatch):
    import psutil

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here = psutil.Process()
    with ForkPool("process") as processes:
        graded_by(processes)
        before = here.num_fds(), here.num_threads(), len(here.children(recursive=True))
        for _ in range(10):
            graded_by(processes, sigmoid="import os\ndef sigmoid(x):\n    os._exit(1)")
        assert (here.num_fds(), here.num_threads(), len(here.children(recursive=True))) == before
        worker = here.children()[0]
        descriptors = at_rest(worker)
        graded_by(processes)
        assert at_rest(worker) == descriptors
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def beyond_1024(monkeypatch):
    """As in a grader that holds many files open: what is opened from here on has a number that select(2) can't take."""
    resource = pytest.importorskip("resource", reason="only Unix has this limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("the system lets no process open that many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    with contextlib.ExitStack() as held:
        while held.enter_context(open(os.devnull)).fileno() < 1024:
            pass
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@on_linux
@pytest.mark.parametrize("way", [ForkPool, OneByOne])
def test_descriptors_beyond_1024(tmp_path, monkeypatch, beyond_1024, way):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ends = "import os\ndef sigmoid(x):\n    os._exit(1)"
    with way("process") as processes:
        graded = graded_by(processes, sigmoid=ends)
    assert [verdict.status for verdict in graded.verdicts] == ["crashed", *["passed"] * 4]
    assert list(tmp_path.iterdir()) == []


@on_linux
@pytest.mark.parametrize("way", [ForkPool, OneByOne])
@pytest.mark.parametrize("fails", ["socket.socketpair", "os.chown", "subprocess.Popen", "socket.send_fds"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_start_that_fails_leaves_nothing_behind(tmp_path, monkeypatch, way, fails, after):
    """As where no descriptor is left: neither folders nor descriptors nor processes stay."""
    import psutil

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here = psutil.Process()
    before = here.num_fds(), len(here.children(recursive=True))
    left, original = iter(range(after)), pkgutil.resolve_name(fails.replace(".", ":", 1))

    def failing(*arguments, **options):
        if fails != "os.chown" and next(left, None) is not None:
            return original(*arguments, **options)
        raise OSError(errno.EMFILE, "Too many open files")

    with way("process", own_users=fails == "os.chown") as processes:
        monkeypatch.setattr(fails, failing)
        graded = graded_by(processes)
        monkeypatch.undo()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert {verdict.status for verdict in graded.verdicts} <= {"not_run", "passed"}
    assert (here.num_fds(), len(here.children(recursive=True))) == before
    assert list(tmp_path.iterdir()) == []


def at_rest(worker):
    """How many descriptors a worker holds when it has taken leave of its last fork, which it may do a moment later."""
    seen = []
    for _ in range(20):
        seen.append(worker.num_fds())
        time.sleep(0.05)
    return min(seen)


# ---- what the source reaches for


REACHES = [
    ("x = 1", ()),
    ("import numpy as np, os, time\nfrom course_utils import check\nos.environ['A'] = 'b'", ()),
    ("import subprocess", ("Cell 1 starts or ends processes (`subprocess`).",)),
    ("from os import path\nimport os\nos.kill(1, 9)", ("Cell 1 starts or ends processes (`kill`).",)),
    ("import urllib.request as r", ("Cell 1 uses the network (`urllib`).",)),
    ("import sys\nsys._getframe().f_back", ("Cell 1 looks into the running program (`f_back`).", "Cell 1 looks into the running program (`_getframe`).")),
    ("from course_utils.exercises import exercise", ("Cell 1 names places where answers or marks may lie (`course_utils.exercises`).",)),
    ("open('/proc/self/maps')", ("Cell 1 names files of the system (`/proc/`).",)),
    ("open('../bob/02_sigmoid.ipynb')", ("Cell 1 names places where answers or marks may lie (`../`).",)),
    ("def broken(:", ()),
]  # fmt: skip


@pytest.mark.parametrize(("source", "sentences"), REACHES)
def test_what_a_source_reaches_for_is_said(source, sentences):
    cells = [Cell(1, source), Cell(2, "def sigmoid(x):\n    return x"), Cell(3, "def logit(p):\n    return p")]
    notes = reaches(Code(cells), [exercise("sigmoid"), exercise("logit")])
    assert notes == ({"sigmoid": sentences} if sentences else {})


def test_notes_reach_the_report(tmp_path):
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", *answers(RIGHT, logit="import ctypes\n" + RIGHT["logit"]))
    assert grade(tmp_path / "in", tmp_path / "out", isolation="process") == 0
    assert statuses(tmp_path / "out")["ann"] == ALL_PASSED
    assert "reaches into the system (<code>ctypes</code>)" in (tmp_path / "out" / "index.html").read_text()


# ---- on a Dask cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, each a process of its own."""
    folder = tmp_path_factory.mktemp("dask")
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(folder / "scheduler.json")]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(folder / "scheduler.json"), "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]  # fmt: skip
    started = [subprocess.Popen(command, **quiet)]
    started += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        yield wait_for_workers(folder / "scheduler.json", 2)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_workers(file, number):
    from distributed import Client

    while not file.exists():
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)
    return address


def test_a_cluster_gives_the_same_marks(tmp_path, cluster):
    submitted = a_class(tmp_path / "in")
    hand_in(submitted / "odd" / f"{CHAPTER}.ipynb", *answers(RIGHT, sigmoid="def sigmoid(x):\n    os._exit(1)"))
    hand_in(submitted / "torn" / f"{CHAPTER}.ipynb", raw="{")
    assert grade(submitted, tmp_path / "here", isolation="process") == 0
    assert grade(submitted, tmp_path / "there", isolation="process", scheduler=cluster) == 0
    assert table(tmp_path / "there") == table(tmp_path / "here")


def test_a_dask_worker_that_is_killed_loses_nothing(tmp_path, monkeypatch, cluster):
    from distributed import Client

    submitted, out = a_class(tmp_path / "in", 12), tmp_path / "out"
    results, keep = [], store.Store.keep
    monkeypatch.setattr(store.Store, "keep", lambda *result: results.append(keep(*result)))
    slow = "import time\ntime.sleep(1)"
    for place in range(0, 12, 2):
        hand_in(submitted / f"s{place}" / f"{CHAPTER}.ipynb", slow, *answers(RIGHT))
    with Client(cluster, set_as_default=False) as client:
        before = client.run(os.getpid)
        run = threading.Thread(
            target=grade, args=[submitted, out], kwargs={"isolation": "process", "scheduler": cluster}
        )
        run.start()
        wait_until(lambda: len(results) > 2)
        os.kill(next(iter(before.values())), signal.SIGKILL)
        run.join(120)
    assert not run.is_alive()
    assert {s: line for s, line in statuses(out).items() if int(s[1:]) % 2 == 0} == {
        f"s{p}": ALL_PASSED for p in range(0, 12, 2)
    }
    assert "not_run" not in str(statuses(out))


def test_a_cluster_that_can_not_be_used_says_why(tmp_path, monkeypatch, capsys):
    from course_utils.grading import dask_cluster as cluster_module

    monkeypatch.setattr(cluster_module, "CONNECTING", 1)
    assert grade(a_class(tmp_path / "in", 1), tmp_path / "out", scheduler="tcp://127.0.0.1:9") == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert grade(tmp_path / "in", tmp_path / "out", scheduler="nonsense://x") == 2
    assert "No Dask scheduler answers at nonsense://x" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "course_utils.grading.dask_cluster", None)
    assert grade(tmp_path / "in", tmp_path / "out", scheduler="tcp://127.0.0.1:9") == 2
    assert "pip install 'course-utils[cluster]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
