"""Grades the same submissions with `course grade`, with nbgrader, and with a fresh kernel for each, and prints what each costs.

    .venv/bin/python benchmarks/grading.py                      # 10, 100 and 1,000 with `course grade`, 16 with the others
    .venv/bin/python benchmarks/grading.py --sizes 100 --others 8

The submissions are ordinary ones: right, wrong, raising and unanswered exercises of one chapter, in turn, in notebooks
that import TensorFlow (with `--plain`, they don't). In one row of the table they also compute with it (`--computing 0` omits that row). No two
students' answers have the same text, and no two of their networks start from the same weights, so caching saves no more than in a real class.
Each figure includes the start. Seconds depend on everything else that the machine does, so compare them within one run, on an idle machine.
CPU seconds are those of the command and of every process that it started. This is a measurement and not a test. For Linux.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from inspect import getsource
from pathlib import Path

import nbformat
import psutil

from course_utils.exercises import chapters, exercise
from course_utils.grading.sandbox.containment import prctl

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = "02_sigmoid"
NAMES = chapters()[CHAPTER]
WRONG = {
    "sigmoid": "1 / 1 + np.exp(-x)",
    "sigmoid_slope": "x * (1 - x)",
    "surviving_gradient": "0.25 * depth",
    "stable_sigmoid": "np.exp(x) / (1 + np.exp(x))",
    "logit": "np.log10(p / (1 - p))",
    "sigmoid_layer": "np.zeros((fan_in, fan_out)), np.zeros(fan_out)",
}
ANY_WRONG = "0"  # for an exercise that is newer than the table
RETURNS = re.compile(r"^(    return )(?!\.\.\.)(.*)$", re.MULTILINE)
LOOK = 0.2  # seconds between two samples
ENDING = 30  # seconds that a command's leftover processes get to exit
TAKES_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: orphans become this process's children, so that their time counts here
ROW = "{what:24} {number:>6} {seconds:>9} {each:>8} {cpu:>9} {peak:>8} {private:>9} {files:>6} {processes:>10}"
HEAD = {"what": "what", "number": "number", "seconds": "seconds", "each": "each", "cpu": "CPU each", "peak": "peak MB",
        "private": "a fork MB", "files": "files", "processes": "processes"}  # fmt: skip
FRESH_KERNEL = """
import sys, nbformat
from pathlib import Path
from nbclient import NotebookClient
for path in sorted(Path(sys.argv[1]).glob("*/*/*.ipynb")):
    NotebookClient(nbformat.read(path, as_version=4), timeout=120, allow_errors=True, kernel_name="python3").execute()
"""
EMPTY_FORKS = """
import sys
from course_utils.grading.grade import chosen
from course_utils.grading.sandbox.session import Sandbox
with chosen("auto") as processes:
    for _ in range(int(sys.argv[1])):
        with Sandbox([], processes=processes):
            pass
"""


@dataclass
class Seen:
    """The peaks of a process tree, sampled every `LOOK` seconds.

    Args:
        memory: bytes, each shared page divided among its processes (PSS).
        private: bytes of one fork that no other process shares (USS).
        files: open descriptors of the first process.
        processes: number of processes.
    """

    memory: int = 0
    private: int = 0
    files: int = 0
    processes: int = 0


@dataclass(frozen=True)
class Cost:
    """The cost of one submission: wall-clock seconds and CPU seconds."""

    seconds: float
    cpu: float


def main(arguments=None):
    """Print the table row by row, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000], help="classes for course grade")
    parser.add_argument("--others", type=int, default=16, help="submissions for the slower ones (default: 16)")
    parser.add_argument("--computing", type=int, default=100, help="submissions that compute with TensorFlow (default: 100)")  # fmt: skip
    parser.add_argument("--plain", action="store_true", help="notebooks that do not import TensorFlow")
    chosen = parser.parse_args(arguments)
    prctl(TAKES_ORPHANS, 1)
    kind = "plain" if chosen.plain else "imports"
    print(ROW.format(**HEAD), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        ours = {number: _ours(Path(folder), number, kind) for number in chosen.sizes}
        if chosen.computing:
            _ours(Path(folder), chosen.computing, "computes")
        floor = measured("an empty, contained fork", max(chosen.sizes), [sys.executable, "-c", EMPTY_FORKS, max(chosen.sizes)], Path(folder))  # fmt: skip
        theirs = {name: run(Path(folder), chosen.others, kind) for name, run in OTHERS.items()}
    ratios = ", ".join(f"{own.cpu / floor.cpu:.1f} times for {n}" for n, own in ours.items())
    print(f"CPU seconds against a contained fork that runs nothing: {ratios}")
    for name, each in theirs.items():
        for what, field in (("Throughput", "seconds"), ("CPU seconds", "cpu")):
            ratios = {n: getattr(each, field) / getattr(own, field) for n, own in ours.items()}
            print(f"{what} against {name}: " + ", ".join(f"{ratio:.0f} times for {n}" for n, ratio in ratios.items()))


def _ours(folder, number, kind):
    submitted = make(folder / f"{kind} {number}", number, kind)
    what = "course grade" if kind != "computes" else "course grade, TensorFlow"
    return measured(what, number, [sys.executable, "-m", "course_utils", "grade", submitted, "--out", folder / f"report {kind} {number}"], folder)  # fmt: skip


def _nbgrader(folder, number, kind):
    course = folder / "nbgrader"
    make(course / "submitted", number, kind)
    (course / "source" / CHAPTER).mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / f"{CHAPTER}.ipynb", course / "source" / CHAPTER)
    block = re.search(r"```python\n(.*?)```", (ROOT / "docs/nbgrader.md").read_text("utf-8"), re.DOTALL)[1]
    (course / "nbgrader_config.py").write_text("\n".join(line.strip() for line in block.splitlines()))
    nbgrader = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*nbgrader, "generate_assignment", CHAPTER], cwd=course, env=_environment(course), check=True, capture_output=True)  # fmt: skip
    patience = [
        f"--ExecutePreprocessor.{name}=600" for name in ("timeout", "iopub_timeout")
    ]  # otherwise nbgrader gives up on a busy machine
    return measured("nbgrader autograde", number, [*nbgrader, "autograde", CHAPTER, *patience], course)


def _fresh_kernels(folder, number, kind):
    submitted = make(folder / "kernels", number, kind)
    return measured("a fresh kernel for each", number, [sys.executable, "-c", FRESH_KERNEL, submitted], folder)


OTHERS = {"nbgrader": _nbgrader, "a fresh kernel": _fresh_kernels}


def make(folder, number, kind):
    """Write a class in nbgrader's layout: folder/<student>/<chapter>/<chapter>.ipynb.

    Args:
        folder: path of the folder to write into.
        number: number of students.
        kind: "plain", "imports" for notebooks that import TensorFlow, or "computes" for answers that use it, too.
    """
    handed_out = (ROOT / "exercises" / f"{CHAPTER}.ipynb").read_text("utf-8")
    for student in range(number):
        notebook = nbformat.reads(handed_out, as_version=4)
        if kind != "plain":
            notebook.cells.insert(2, nbformat.v4.new_code_cell("import tensorflow as tf", id="tensorflow"))
        for place, name in enumerate(NAMES):
            cell = next(c for c in notebook.cells if c.cell_type == "code" and c.source.startswith(f"def {name}("))
            cell.source = _answer(name, cell.source, (student + place) % 4, student)
            if kind == "computes":
                cell.source = RETURNS.sub(r"\1tf.nest.map_structure(tf.identity, (\2))", cell.source)
        path = folder / f"student{student:04}" / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return folder


def _answer(name, stub, kind, student):
    """A right, wrong, raising or missing answer; all but the missing one have a text of their own for each student."""
    head = stub.splitlines()[0]
    own = f"{head}\n    # Number {student} wrote this."
    answers = (
        getsource(exercise(name).solution).replace(head, own).replace("0, 6 /", f"0, {6 + student / 10_000} /"),
        f"{own}\n    return {WRONG.get(name, ANY_WRONG)}",
        f"{own}\n    raise ValueError",
        stub,
    )
    return answers[kind]


def measured(what, number, command, folder):
    """Run a command, print its row, and return the `Cost` of one submission."""
    started, before, seen = time.perf_counter(), _booked(), Seen()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, env=_environment(folder), stdout=log, stderr=log)  # fmt: skip
        watcher = threading.Thread(target=_watch, args=[psutil.Process(process.pid), seen])
        watcher.start()
        code = process.wait()
    seconds = time.perf_counter() - started
    watcher.join()
    _wait_for_orphans()
    if code:
        print((folder / "log").read_text()[-2000:])
        raise SystemExit(f"{what} ended with exit code {code}")
    cpu = _booked() - before
    print(ROW.format(what=what, number=number, seconds=f"{seconds:.1f}", each=f"{seconds / number:.3f}", cpu=f"{cpu / number:.3f}",
                     peak=f"{seen.memory / 1e6:.0f}", private=f"{seen.private / 1e6:.0f}", files=seen.files,
                     processes=seen.processes), flush=True)  # fmt: skip
    return Cost(seconds / number, cpu / number)


def _booked():
    """CPU seconds of all reaped children, including the children that those reaped."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _wait_for_orphans():
    """Wait for a command's leftover processes: their CPU time counts once they have ended."""
    end = time.monotonic() + ENDING
    while time.monotonic() < end:
        try:
            found, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(0 if found else LOOK)


def _watch(first, seen):
    while True:
        try:
            tree = [first, *first.children(recursive=True)]
            seen.files = max(seen.files, first.num_fds())
        except psutil.NoSuchProcess:
            return
        if first.status() == psutil.STATUS_ZOMBIE:
            return
        seen.processes = max(seen.processes, len(tree))
        seen.memory = max(seen.memory, sum(_memory(process, "pss") for process in tree))
        seen.private = max([seen.private, *(_memory(process, "uss") for process in tree if _is_fork(process))])
        time.sleep(LOOK)


def _memory(process, kind):
    try:
        return getattr(process.memory_full_info(), kind)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def _is_fork(process):
    try:
        parent = process.parent()
        return parent is not None and process.cmdline() == parent.cmdline() and "-c" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _environment(folder):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader looks there for alembic
    own = {"PATH": path, "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return os.environ | own | {"PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    main()
