"""What Binder and learners install: the files agree, and an empty environment that gets them can do everything.

Installing asks the package index, so that happens only where COURSE_NETWORK=1 says that it may; `.ci/run` says so.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

MODULES = "course_utils, tensorflow, keras, numpy, pandas, matplotlib, sklearn, ipywidgets, jupyterlab, platformdirs"
asks_the_network = pytest.mark.skipif(
    os.environ.get("COURSE_NETWORK") != "1" or not find_spec("uv"),
    reason="asks the package index, through uv; allow it with COURSE_NETWORK=1",
)


def pip_part(root):
    described = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    return next(entry["pip"] for entry in described["dependencies"] if isinstance(entry, dict))


def run(command, **more):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def clean(folder):
    """An environment in which nothing of this process's is left."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VIRTUAL_ENV", "PYTHON"))
    }
    return kept | {"COURSE_DATA": str(folder / "data")}


def test_the_lock_takes_the_small_build_of_tensorflow_on_binder(root):
    here = {
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "python_version": "3.12",
        "python_full_version": "3.12.9",
    }
    lines = (root / "requirements.lock").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    names = {r.name for r in wanted if not r.marker or r.marker.evaluate(here)}
    assert "tensorflow-cpu" in names
    assert not {"tensorflow", "sphinx", "nbgrader", "distributed"} & names


def test_post_build_leaves_a_warm_start(root, tmp_path):
    """Run as Binder runs it: in the repository, with the environment's programs first."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert os.access(root / "postBuild", os.X_OK)
    before = (root / "workbooks/00_start_here.ipynb").read_bytes()
    said = run([root / "postBuild"], cwd=root, env=clean(tmp_path) | {"PATH": programs})
    assert "Everything is fine: you can begin." in said
    assert (root / "workbooks/00_start_here.ipynb").read_bytes() == before


def test_post_build_stops_where_a_chapter_does_not_run(root, tmp_path):
    course = tmp_path / "course"
    course.write_text("#!/bin/sh\nexit 1\n")
    course.chmod(0o755)
    done = subprocess.run([root / "postBuild"], cwd=root, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=False)
    assert done.returncode == 1


@asks_the_network
def test_an_empty_environment_gets_everything_from_the_pip_part(root, tmp_path):
    new = tmp_path / "new"
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--python", sys.executable, new], env=clean(tmp_path))
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(
        "\n".join(line.replace("requirements.lock", str(root / "requirements.lock")) for line in pip_part(root))
    )
    run([*uv, "pip", "install", "--python", new, "-r", wanted], cwd=root, env=clean(tmp_path))
    python = new / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run([python, "-c", f"import {MODULES}"], cwd=tmp_path, env=clean(tmp_path))
    said = run([python, "-m", "course_utils", "doctor"], cwd=root, env=clean(tmp_path))
    assert "as in requirements.lock)" in said
    assert "Everything is fine: you can begin." in said


@asks_the_network
def test_repo2docker_takes_it(copy_repository, tmp_path):
    """Without Docker it says what it would build: conda's packages with the file's Python, all files, then postBuild."""
    tool = [sys.executable, "-m", "uv", "tool", "run", "--from", "jupyter-repo2docker>=2026", "jupyter-repo2docker"]
    done = subprocess.run(
        [*tool, "--no-build", "--debug", "."], cwd=copy_repository(tmp_path / "copy"), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = done.stdout + done.stderr
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"' in said
    assert "RUN ./postBuild" in said
    assert "Building conda environment for python=3.12" in said
