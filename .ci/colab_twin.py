"""Does the course run on Colab? An environment with Colab's versions, in which a notebook's own first cell installs the course.

    python .ci/colab_twin.py [--freeze FILE] [--python 3.13] [--report FILE] [NOTEBOOK ...]

What is checked: the first cell leaves every package as it was and adds only the course and platformdirs; the notebook then
runs to its end without a restart; its outputs agree with the stored ones as `pytest --nbval` compares them; and it also runs
with live sliders and buttons. The course comes from this repository's last commit, through the address that the cell names.
Needs uv, git and the package index.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from course_utils.building.kernels import new_client  # noqa: E402
from course_utils.releasing.badges_and_colab import repository  # noqa: E402

USED = ("ipykernel", "ipython", "ipywidgets", "keras", "matplotlib", "numpy", "pandas", "scikit-learn", "tensorflow")
MAY_COME = {"course-utils", "platformdirs"}
KERNEL = "colab-twin"


def main(arguments=None):
    """Make the twin, run the notebooks in it, and report; 0 if everything is as it should be, else 1."""
    chosen = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        twin = Path(folder)
        python = make(twin, versions(chosen.freeze), chosen.python)
        before = installed(python)
        here = surroundings(twin, python)
        code, said = verify(twin, here, chosen.notebooks)
        faults = differences(before, installed(python)) + [
            fault for notebook in chosen.notebooks for fault in run_live(twin, here, notebook)
        ]
    lines = [f"{name} {before[name]}" for name in USED] + faults
    lines.append("The notebooks run, and their outputs agree." if code == 0 else f"The notebooks differ:\n\n{said}")
    text = "\n".join(lines)
    print(text)
    if chosen.report:
        chosen.report.write_text(f"```\n{text}\n```\n", encoding="utf-8")
    return 1 if faults or code else 0


def _parser():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--freeze", type=Path, default=ROOT / ".ci" / "colab.txt", help="Colab's list of versions")
    parser.add_argument("--python", default="3.13", help="Colab's Python")
    parser.add_argument("--report", type=Path, help="a Markdown file to write what was seen into")
    parser.add_argument("notebooks", nargs="*", default=["notebooks/02_sigmoid.ipynb"])
    return parser


def versions(freeze):
    """The lines of Colab's list that concern the course."""
    lines = [line.strip() for line in freeze.read_text("utf-8").splitlines()]
    found = [line for line in lines if line.partition("==")[0].lower().replace("_", "-") in USED]
    missing = set(USED) - {line.partition("==")[0].lower().replace("_", "-") for line in found}
    if missing:
        sys.exit(f"{freeze} names no version of: {', '.join(sorted(missing))}.")
    return found


def make(twin, wanted, python):
    """Make the twin's environment: with pip, a `google.colab` that every kernel imports at its start, and a Jupyter kernel."""
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--seed", "--python", python, twin / "env"])
    interpreter = twin / "env" / "bin" / "python"
    run([*uv, "pip", "install", "--compile-bytecode", "--python", interpreter, *wanted])
    site = Path(run([interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    (site / "google" / "colab").mkdir(parents=True)
    (site / "google" / "colab" / "__init__.py").write_text("")
    startup = twin / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text("import google.colab\n")
    kernel = twin / "jupyter" / "kernels" / KERNEL
    kernel.mkdir(parents=True)
    command = [str(interpreter), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": KERNEL, "language": "python"}))
    return interpreter


def installed(python):
    """Package -> version."""
    listed = json.loads(run([python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]))
    return {package["name"].lower().replace("_", "-"): package["version"] for package in listed}


def differences(before, after):
    """What the first cell should not have done to the environment, one line each."""
    changed = [f"{name} was {old}, is {after.get(name)}" for name, old in before.items() if after.get(name) != old]
    unasked = [f"{name} {after[name]} came along" for name in after.keys() - before.keys() - MAY_COME]
    return changed + sorted(unasked) + ([] if "course-utils" in after else ["the course was not installed"])


def surroundings(twin, python):
    """The environment variables with which Jupyter finds the twin's kernel, and git finds this repository at the cell's address."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV", "COURSE_STATIC")
    }
    return kept | {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "IPYTHONDIR": str(twin / "ipython"),
        "JUPYTER_PATH": str(twin / "jupyter"),
        "COURSE_DATA": str(twin / "data"),
        "PIP_ROOT_USER_ACTION": "ignore",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{repository(ROOT)}",
    }


def verify(twin, here, notebooks):
    """`pytest --nbval` with the twin's kernel: its exit code, and what it said."""
    work = twin / "work"  # a folder of its own, so that a notebook doesn't find the package beside it
    for name in ("conftest.py", *notebooks):  # from the commit that the course is installed from
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(run(["git", "-C", ROOT, "show", f"HEAD:{name}"]), encoding="utf-8")
    nbval = ["-q", "-p", "no:cacheprovider", "--nbval", f"--nbval-kernel-name={KERNEL}"]
    command = [sys.executable, "-m", "pytest", *nbval, str(work)]
    done = subprocess.run(command, cwd=work, env=here, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def run_live(twin, here, name):
    """Run a notebook as Colab does, with live widgets; return what went wrong, inside widgets too, one line each."""
    os.environ["JUPYTER_PATH"] = here["JUPYTER_PATH"]
    path = twin / "work" / name
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = new_client(notebook, timeout=600, kernel_name=KERNEL, allow_errors=True, resources=resources)
    client.execute(env=here)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown += [output for state in client.widget_state.values() for output in state.get("outputs", ())]
    widgets = sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    faults = [f"{name}, live: {o['ename']}: {o['evalue']}" for o in shown if o["output_type"] == "error"]
    lifeless = name.startswith("notebooks/") and not widgets  # each chapter has questions with buttons
    return [*faults, f"{name}, live: it showed no widget"] if lifeless else faults


def run(command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
