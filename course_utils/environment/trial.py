"""Runs `doctor()` in a separate process: however that one breaks, this one goes on and says how it ended."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from course_utils.environment import obstacles
from course_utils.environment.requirements import PACKAGE, WORDS, Health, doctor
from course_utils.environment.tools import surroundings
from course_utils.texts import _

MARK = "course doctor says: "
PATIENCE = 600  # seconds after which the process counts as hung
COMMAND = "from course_utils.environment.trial import tell; tell()"
HOW = {"signal": _("signal {name}"), "code": _("exit code {code}"), "endless": _("it did not come to an end")}


def tell() -> None:
    """Run `doctor()` as a notebook would; print each check's name before it starts, and the findings, as lines of JSON."""
    from course_utils import setup

    with suppress(Exception, SystemExit):
        setup()  # silences TensorFlow's start-up lines; `doctor` reports what is wrong
    health = doctor(begin=lambda what: _print(what))
    _print({"findings": health.findings, "versions": health.versions})


def tried() -> Health:
    """Run `tell` in a separate process, with the same environment and working folder."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as late:
        return _broken_off((late.stdout or b"").decode("utf-8", "replace"), "", HOW["endless"])
    said = _said(done.stdout)
    if said and isinstance(said[-1], dict):
        return Health(**said[-1])
    how = HOW["code"].format(code=done.returncode)
    if done.returncode < 0:
        how = HOW["signal"].format(name=signal.Signals(-done.returncode).name)
    return _broken_off(done.stdout, done.stderr, how)


def examine(root: Path | None) -> Health:
    """Run `doctor()` in a separate process, and check the tools for working, grading and maintaining: for `course doctor`.

    Args:
        root: Path of the repository, or None if there is none.
    """
    health = tried()
    beside = [*sys.path, os.curdir, *(root / folder for folder in obstacles.FOLDERS if root)]
    if found := " ".join(obstacles.in_the_way(beside).values()):
        health = replace(health, findings=health.findings | {WORDS["in_the_way"]: found})
    return replace(health, around=surroundings(root))


def _broken_off(stdout, stderr, how):
    last = (_said(stdout) or [PACKAGE])[-1]
    lines = [line for line in stderr.splitlines() if line.strip()]
    return Health({last: WORDS["ended"].format(how=how, said=lines[-1].strip() if lines else _("nothing"))})


def _print(what):
    print(f"\n{MARK}{json.dumps(what)}", flush=True)


def _said(text):
    return [json.loads(line.removeprefix(MARK)) for line in text.splitlines() if line.startswith(MARK)]
