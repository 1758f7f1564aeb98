"""Environments with the oldest and the newest TensorFlow that pyproject.toml allows, made by uv and kept."""

import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

OLDEST_PYTHON = "3.11"  # the oldest TensorFlow has a wheel for it


class Unavailable(RuntimeError):
    """An environment can't be made here; the message is one sentence."""


def python_with(which: str, root: Path) -> Path:
    """Make an environment, or reuse one with the oldest TensorFlow that was made earlier.

    Args:
        which: "oldest" or "newest".
        root: the repository; environments are kept in its folder `.portable`.

    Returns:
        The environment's Python.

    Raises:
        Unavailable: there is no such Python or TensorFlow, or no network.
    """
    version = _versions(root)[which]
    folder = root / ".portable" / f"tensorflow-{which}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if which == "oldest" and (folder / "made-with").exists() and (folder / "made-with").read_text() == version:
        return python  # the newest may have changed by now
    requirements = [requirement.replace(">=2.18", version) for requirement in _tensorflow(root)]
    _uv(f"There is no Python {OLDEST_PYTHON} for", version, "venv", "--clear", "--python", OLDEST_PYTHON, str(folder))
    _uv("There is no environment with", version, "pip", "install", "--quiet", "--python", str(python), "--editable",
        f"{root}[lab,test]", *requirements)  # fmt: skip
    (folder / "made-with").write_text(version)
    return python


def _tensorflow(root: Path) -> list[str]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["tensorflow"]


def _versions(root: Path) -> dict[str, str]:
    """Version specifiers: "oldest" is the lower bound in pyproject.toml with any patch release, such as `==2.18.*`."""
    bound = re.search(r">=([\d.]+)", _tensorflow(root)[0])[1]
    return {"oldest": f"=={bound}.*", "newest": f">={bound}"}


def _uv(problem: str, version: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "uv", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = textwrap.shorten(done.stderr, 300, placeholder=" ...")
        raise Unavailable(f"{problem} tensorflow{version}, without which this variant can't run. uv says: {said}")
