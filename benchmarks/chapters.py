"""Runs each chapter's notebook in a fresh kernel and prints its cost: seconds, CPU seconds, peak memory, slowest cell.

    .venv/bin/python benchmarks/chapters.py 01_why_nonlinearity 05_tanh    # no name: all of them

The limits, on two idle cores: each chapter under 60 s and 2 GB, each cell, and so each experiment, under 20 s. On a busy
machine look at the CPU seconds: they leave out time that other programs took, and add up over cores. This is a measurement
and not a test: no test should depend on how fast a machine is. For Linux and macOS.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from course_utils.building.kernels import kernel_environment, new_client

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
PEAK = "__import__('resource').getrusage(__import__('resource').RUSAGE_SELF).ru_maxrss"
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in one unit of `ru_maxrss`
MOST = {"seconds": 60, "memory": 2e9, "cell": 20}  # seconds, bytes, seconds
ROW = "{chapter:20} {seconds:>8} {cpu:>12} {memory:>8} {cell:>9} {cell_cpu:>9}  {source}"
HEAD = {"chapter": "chapter", "seconds": "seconds", "cpu": "CPU seconds", "memory": "peak MB", "cell": "slowest",
        "cell_cpu": "its CPU", "source": "slowest cell's first experiment"}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What one cell cost.

    Args:
        seconds: wall-clock seconds.
        cpu: CPU seconds of all the kernel's threads.
        source: the cell's code.
    """

    seconds: float
    cpu: float
    source: str


def main(arguments=None):
    """Print the table row by row; the exit status says whether all limits are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", default=[path.stem for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))])
    parser.add_argument("--cells", action="store_true", help="also print each cell that takes more than half a second")
    chosen = parser.parse_args(arguments)
    print(ROW.format(**HEAD), flush=True)
    return max(_report(name, *measure(NOTEBOOKS / f"{name}.ipynb"), cells=chosen.cells) for name in chosen.chapters)


def measure(path):
    """Run one notebook in a fresh kernel.

    Args:
        path: path of the notebook, which is not changed.

    Returns:
        (costs, peak): a `Cost` for the kernel's start and for each cell; and the kernel's peak memory in bytes.
    """
    notebook = nbformat.read(path, as_version=4)
    client = new_client(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    started = time.perf_counter()
    with client.setup_kernel(env=kernel_environment(os.environ), cleanup_kc=True):
        kernel = psutil.Process(client.km.provisioner.pid)
        costs = [Cost(time.perf_counter() - started, _cpu(kernel), "# the kernel's start")]
        costs += [_run(client, kernel, place) for place in range(len(notebook.cells))]
        return costs, _peak(client)


def _run(client, kernel, place):
    cell, seconds, cpu = client.nb.cells[place], time.perf_counter(), _cpu(kernel)
    client.execute_cell(cell, place)
    return Cost(time.perf_counter() - seconds, _cpu(kernel) - cpu, cell.source if cell.cell_type == "code" else "")


def _cpu(kernel):
    times = kernel.cpu_times()
    return times.user + times.system


def _peak(client):
    cell = nbformat.v4.new_code_cell(PEAK)
    client.nb.cells.append(cell)
    client.execute_cell(cell, len(client.nb.cells) - 1)
    return int(cell.outputs[0].data["text/plain"]) * UNIT


def _report(name, costs, peak, *, cells):
    slowest, seconds = max(costs, key=lambda cost: cost.cpu), sum(cost.seconds for cost in costs)
    for cost in costs if cells else ():
        if cost.cpu > 0.5:
            print(f"    {cost.seconds:6.1f} s {cost.cpu:6.1f} CPU s  {_name(cost)}")
    numbers = {"seconds": seconds, "cpu": sum(cost.cpu for cost in costs), "cell": slowest.seconds}
    shown = {key: f"{value:.1f}" for key, value in {**numbers, "cell_cpu": slowest.cpu}.items()}
    print(ROW.format(chapter=name, memory=f"{peak / 1e6:.0f}", source=_name(slowest), **shown), flush=True)
    return seconds > MOST["seconds"] or peak > MOST["memory"] or slowest.seconds > MOST["cell"]


def _name(cost):
    lines = cost.source.splitlines()
    return next((line for line in lines if "experiments." in line), lines[0] if lines else "")[:90]


if __name__ == "__main__":
    sys.exit(main())
