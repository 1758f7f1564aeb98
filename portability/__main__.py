"""Run notebooks and tests under variants of this machine, and report what fails.

    make portable                                   all variants: several hours on two cores
    make portable VARIANTS="noise-1 onednn-off"     only these
    make portable VARIANTS=noise-1 NOTEBOOKS=notebooks/05_tanh.ipynb     only this notebook; TESTS= chooses tests

Prints a line for each notebook cell or test that fails, with the stored or asserted value and the one that came out; then a
line per variant and a last line with the number that passed.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from portability.environments import Unavailable, python_with
from portability.variants import VARIANTS, Variant, chosen

ROOT = Path(__file__).parents[1]
STARTUP = Path(__file__).parent / "startup"
DIFFERS = re.compile(r"Word \d+ differs: (.*)")
COLOURS = re.compile(r"(?:\x1b|#x1B)\[[\d;]+m")
ASSERTS = re.compile(r"^E\s+(\S.*)", re.MULTILINE)


class Outcome(NamedTuple):
    """One notebook cell or test: its name, and "" or how the result differs from what is stored."""

    name: str
    difference: str


def main(arguments: list[str] | None = None) -> int:
    """Run the requested variants; 0 if everything passes, 1 if something fails or can't run, 2 for a wrong name."""
    options = _options(arguments)
    try:
        variants = chosen(options.variants)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"On {processor()}, Python {platform.python_version()}:")
    notebooks, tests = options.notebooks, options.tests
    for path in [*notebooks, *tests]:
        if not (ROOT / path.partition("::")[0]).exists():
            print(f"There is no file {path} in {ROOT.name}.", file=sys.stderr)
            return 2
    if not notebooks and not tests:
        notebooks, tests = ["notebooks", "solutions"], [*about_numbers(ROOT / "tests"), "course_utils"]
    ran, not_run = [], []
    for name, variant in variants.items():
        try:
            outcomes = run(variant, notebooks, tests)
        except Unavailable as error:
            not_run.append(name)
            print(f"{name}: not run. {error}", flush=True)
            continue
        ran += outcomes
        for outcome in outcomes:
            if outcome.difference:
                print(f"  {name} | {outcome.name} | {outcome.difference}", flush=True)
        print(f"{name} ({variant.about}): {standing(outcomes)}", flush=True)
    print(f"All together: {standing(ran)}" + f" Not run: {', '.join(not_run)}." * bool(not_run))
    return int(bool(not_run) or not ran or any(outcome.difference for outcome in ran))


def _options(arguments):
    parser = argparse.ArgumentParser(prog="make portable", description=__doc__.split("\n")[0])
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=f"of: {', '.join(VARIANTS)}; without one, all")
    parser.add_argument(
        "--notebooks", nargs="*", default=[], metavar="PATH", help="without any, and without tests, all"
    )
    parser.add_argument(
        "--tests", nargs="*", default=[], metavar="PATH", help="without any, all that compute something"
    )
    return parser.parse_args(arguments)


def about_numbers(folder: Path) -> list[str]:
    """The test files that check numbers: the exercises', and those that import NumPy, TensorFlow or Keras; without the grader's tests."""
    numbers = re.compile(r"^\s*(?:import|from) (?:tensorflow|keras|numpy)\b", re.MULTILINE)
    texts = {path: path.read_text("utf-8") for path in sorted(folder.rglob("test_*.py"))}
    return [
        str(path)
        for path, text in texts.items()
        if (numbers.search(text) or path.parent.name == "exercises") and "course_utils.grading" not in text
    ]


def run(variant: Variant, notebooks: list[str], tests: list[str]) -> list[Outcome]:
    """Run notebooks and tests under a variant.

    Raises:
        Unavailable: The variant needs a TensorFlow that can't be installed here, or pytest wrote no report.
    """
    python = python_with(variant.tensorflow, ROOT) if variant.tensorflow else Path(sys.executable)
    environment = os.environ | variant.environment
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTUP), str(ROOT), os.environ.get("PYTHONPATH")]))
    pytest = [str(python), "-m", "pytest", "-q", "--numprocesses", "2", "--dist", "loadfile", "-p", "no:cacheprovider"]
    outcomes = []
    for part in filter(None, [notebooks and ["--nbval", *notebooks], tests]):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            command = [*pytest, f"--junitxml={report}", *part]
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
            if not report.exists():
                said = textwrap.shorten(done.stderr or done.stdout, 300, placeholder=" ...")
                raise Unavailable(f"pytest ended without a report: {said}")
            outcomes += outcomes_of(ElementTree.parse(report))
    return outcomes


def outcomes_of(report: ElementTree.ElementTree) -> list[Outcome]:
    """Read pytest's report, without skipped tests."""
    cases = [case for case in report.iter("testcase") if case.find("skipped") is None]
    return [Outcome(_name(case), _difference(case)) for case in cases]


def _name(case):
    return "::".join(filter(None, [case.get("classname", "").removesuffix(".ipynb"), case.get("name")]))


def _difference(case):
    """The words of a stored output that differ, or what an assertion says."""
    problem = next((child for child in case if child.tag in ("failure", "error")), None)
    if problem is None:
        return ""
    text = COLOURS.sub("", problem.text or problem.get("message", ""))
    found = DIFFERS.search(text) or ASSERTS.search(text)
    return " ".join(found[1].split()) if found else " ".join(text.split())[-200:] or "failed without a word"


def standing(outcomes: list[Outcome]) -> str:
    """How many of the cells and tests pass, as a sentence."""
    return f"{sum(not outcome.difference for outcome in outcomes)} of {len(outcomes)} cells and tests stand."


def processor() -> str:
    """The processor's name, if the system tells it, and its vector instructions."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", text, re.MULTILINE))
    vectors = sorted(set(fields.get("flags", "").split()) & {"sse4_1", "avx", "avx2", "fma", "avx512f", "amx_tile"})
    model = f"family {fields['cpu family']}, model {fields['model']}" if "model" in fields else platform.machine()
    return (
        f"{fields.get('model name', 'a processor without a name')} ({model}; {' '.join(vectors) or 'no known vectors'})"
    )


if __name__ == "__main__":
    sys.exit(main())
