"""Every command of the README is run here. What is fetched from elsewhere, or would run these tests again, is resolved instead."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from course_utils.releasing import badges_and_colab

FENCE = re.compile(r"^```(sh|powershell)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HOSTED = {
    "git clone",
    "cd activation-functions",
    "conda env",
    "conda run",
    "py -m",
    ".venv\\Scripts\\course lab",
    ".venv\\Scripts\\python -m pip",
}
RESOLVED = {"make lab", "make test", "make check", "make site"}


def commands(text):
    lines = (line for _, block in FENCE.findall(text) for line in block.splitlines())
    return [command.strip() for line in lines for command in line.split(";")]


@pytest.fixture(scope="module")
def readme():
    return (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def fork(copy_repository, tmp_path_factory):
    """The repository as a reader has it, with this environment as its `.venv`, and a class's answers in `submitted`."""
    folder = copy_repository(tmp_path_factory.mktemp("readme"))
    (folder / ".venv").symlink_to(sys.prefix)
    for student, kind in (("ada", "solutions"), ("bob", "exercises")):
        (folder / "submitted" / student).mkdir(parents=True)
        shutil.copy(folder / kind / "02_sigmoid.ipynb", folder / "submitted" / student)
    return folder


def run(command, fork, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}
    kept |= {"BROWSER": "true", "PYTHONPATH": str(fork), "COURSE_DATA": str(fork / "data")}
    return subprocess.run(command, cwd=fork, env=kept | more, capture_output=True, text=True, check=False)


def test_no_command_is_left_out(readme):
    found = commands(readme)
    here = [command for command in found if command.startswith(".venv/bin/")]
    others = {command for command in found if command not in here and command not in RESOLVED}
    assert len(here) >= 5
    assert all(any(command.startswith(known) for known in HOSTED) for command in others), others
    assert set(found) >= RESOLVED
    assert {"git clone", "conda env"} <= {" ".join(command.split()[:2]) for command in others}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has its own commands")
def test_the_commands_that_need_no_more_than_this_machine(readme, fork):
    """In the README's order, so that a report is there before it is opened and the address changes last."""
    for command in (c for c in commands(readme) if c.startswith(".venv/bin/")):
        done = run(shlex.split(command), fork)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (fork / "handout/exercises/02_sigmoid.ipynb").is_file()
    assert not (fork / "handout/solutions").exists()
    assert "ada" in (fork / "report/totals.csv").read_text("utf-8")
    assert (fork / "report/index.html").is_file()
    assert badges_and_colab.repository(fork) == "OWNER/NAME"


ON_ALL_CORES = ".venv/bin/python -m pytest --numprocesses auto --dist loadfile"


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
@pytest.mark.parametrize(
    ("target", "runs"),
    [
        ("test", [f"{ON_ALL_CORES} --no-loadscope-reorder", f"{ON_ALL_CORES} --nbval notebooks solutions"]),
        ("check", [".venv/bin/ruff check .", ".venv/bin/course build --check"]),
        ("site", [".venv/bin/python -m course_utils.building.site.make_site"]),
    ],
)
def test_what_make_would_run(fork, target, runs):
    done = run(["make", "--dry-run", "--assume-old", ".venv/dev", target], fork)
    assert done.returncode == 0, done.stderr
    assert set(runs) <= set(done.stdout.splitlines())


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_lab_serves_the_first_notebook(fork, tmp_path):
    for name in ("config", "runtime"):
        (tmp_path / name).mkdir()
    settings = {"ServerApp": {"open_browser": False, "port": 0}}
    (tmp_path / "config/jupyter_server_config.json").write_text(json.dumps(settings))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE", "JUPYTER"))}
    kept |= {
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    with (tmp_path / "log").open("w") as log:
        lab = subprocess.Popen(
            ["make", "--assume-old", ".venv/ready", "lab"],
            cwd=fork,
            env=kept,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server = _serving(tmp_path / "runtime", lab, tmp_path / "log")
        first = f"{server['url']}api/contents/workbooks/00_start_here.ipynb?content=0&token={server['token']}"
        with urllib.request.urlopen(first) as answer:
            assert json.load(answer)["type"] == "notebook"
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(30)


def _serving(runtime, lab, log):
    """What the server that `make lab` started says of itself."""
    for _ in range(600):
        assert lab.poll() is None, log.read_text()
        for path in runtime.glob("jpserver-*.json"):
            try:
                server = json.loads(path.read_text())
                urllib.request.urlopen(f"{server['url']}api/status?token={server['token']}").close()
            except (OSError, ValueError):  # not yet written, or not yet listening
                continue
            return server
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_what_is_fetched_from_elsewhere_is_there(root, readme):
    found = commands(readme)
    clone, folder = (next(c for c in found if c.startswith(start)).split() for start in ("git clone", "cd "))
    assert clone[2] == f"https://github.com/{badges_and_colab.repository(root)}"
    assert folder[1] == clone[3]  # whatever a fork is called
    described = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    assert "conda env create -f environment.yml" in found
    assert f"conda run -n {described['name']} course lab" in found
    windows = next(c for c in found if "Scripts\\python" in c).split()
    (pip_part,) = (entry["pip"] for entry in described["dependencies"] if isinstance(entry, dict))
    assert " ".join(windows[windows.index("install") + 1 :]) == " ".join(pip_part)


def test_every_file_that_the_readme_names_is_there(root, readme):
    names = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    assert len(names) > 12
    assert all((root / name).exists() for name in names)
    assert all(len(alt) > 10 for alt in re.findall(r"!\[([^]]*)]", readme))
