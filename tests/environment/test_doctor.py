"""`course doctor`: what it finds around a chapter, what it advises, and its exit code."""

import importlib.metadata
import sys
import webbrowser
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_utils import cli
from course_utils.environment import requirements, tools, trial
from course_utils.grading.sandbox.self_test import layers

AROUND = ("JupyterLab", "Kernel", "A notebook's start", "Settings of Jupyter and IPython", "Places for files", "Browser",
          "Chromium for the tests")  # fmt: skip
LOOKS = ("_lab", "_kernel", "_start", "_settings", "_places", "_browser", "_chromium", "_versions")


def test_the_machine_that_runs_the_tests(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    looked_at = [line.partition(":")[0].strip() for line in said.splitlines() if line.startswith("  ")]
    assert looked_at == [
        "Python",
        *requirements.PARTS,
        "Keras on TensorFlow",
        *AROUND,
        *(name for name, *_ in layers()),
        "Versions",
    ]
    assert f"  Python: fine ({'.'.join(map(str, sys.version_info[:3]))})\n" in said
    assert said.endswith("\nEverything is fine: you can begin.\n")


@pytest.fixture
def ready(monkeypatch):
    """A machine on which `doctor()` finds nothing, and nothing is looked at that takes long."""
    monkeypatch.setattr(trial, "tried", lambda: requirements.Health({"NumPy": ""}))
    monkeypatch.setattr(tools, "_start", lambda: ("", ""))
    monkeypatch.setattr(tools, "_layers", tuple)


def test_what_a_chapter_needs_decides_the_exit_code(monkeypatch, ready, capsys):
    requirements.doctor()  # what looks at NumPy's version when it is imported has done so
    monkeypatch.setattr("numpy.__version__", "1.22.4")
    monkeypatch.setattr(trial, "tried", requirements.doctor)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "  NumPy: found 1.22.4, the course needs numpy>=1.26. Install that with: pip install 'numpy>=1.26'\n" in said
    assert said.endswith("\nMend what is not fine, and run this again.\n")


def test_what_is_good_to_have_does_not(monkeypatch, ready, capsys):
    monkeypatch.setattr(cli, "_root", lambda: None)
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "  Chromium for the tests: not here, so the browser tests are skipped. On Debian and Ubuntu: apt-get" in said
    assert "  Versions: requirements.lock is not here" in said


def test_a_look_that_breaks_costs_no_other(monkeypatch):
    def broken(*_):
        raise RuntimeError("broken")

    for name in LOOKS:
        monkeypatch.setattr(tools, name, broken)
    monkeypatch.setattr("course_utils.grading.sandbox.self_test.layers", broken)
    found = tools.surroundings(None)
    assert [what for what, *_ in found] == [*AROUND, "Isolation of course grade", "Versions"]
    assert {tuple(said) for _, *said in found} == {("", "it could not be tried: RuntimeError: broken")}


def missing(*names):
    def version(name):
        if name in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    return version


@pytest.mark.parametrize(
    ("names", "found", "sentence"),
    [
        (("jupyterlab",), "", "not installed here; VS Code and Colab do without it."),
        (("jupyterlab_widgets",), "1.0", "its part of ipywidgets is missing, so that it shows no sliders."),
        ((), "1.0", ""),
    ],
)
def test_jupyterlab(monkeypatch, names, found, sentence):
    monkeypatch.setattr(tools, "version", missing(*names))
    there, said = tools._lab()
    assert there == found
    assert said.startswith(sentence)
    assert bool(said) == bool(sentence)


@pytest.mark.parametrize(
    ("python", "fine"),
    [(sys.executable, True), ("python", True), ("/opt/elsewhere/bin/python", False)],
)
def test_the_kernel_that_notebooks_ask_for(monkeypatch, python, fine):
    kernel = SimpleNamespace(argv=[python])
    monkeypatch.setattr("jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec", lambda self, name: kernel)
    said = tools._kernel()[1]
    assert (said == "") == fine
    assert fine or said.startswith("notebooks would run in another Python, /opt/elsewhere/bin/python.")


def test_no_kernel(monkeypatch):
    from jupyter_client.kernelspec import NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr("jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec", none)
    assert tools._kernel()[1].endswith(f"{sys.executable} -m ipykernel install --sys-prefix")


def test_no_browser(monkeypatch):
    def none():
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    monkeypatch.setattr(sys, "platform", "linux")
    assert tools._browser()[1].startswith("none that `course lab` could open; it prints an address")


def test_versions_against_the_lock(tmp_path):
    numpy, keras = map(importlib.metadata.version, ("numpy", "keras"))
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        f"# made\nnumpy=={numpy}\nkeras=={keras} ; sys_platform != 'none'\nno-such==1 ; sys_platform == 'none'\n"
    )
    assert tools._versions(tmp_path) == ("2 as in requirements.lock", "")
    lock.write_text(f"numpy==0.1\nkeras=={keras}\nno-such-package==7\n")
    found, said = tools._versions(tmp_path)
    assert found == ""
    assert said.startswith(
        f"2 of 3 differ from requirements.lock: numpy {numpy} (lock: 0.1), no-such-package missing (lock: 7)."
    )
    lock.write_text("".join(f"p{n}==1\n" for n in range(9)))
    assert "p4 missing (lock: 1) and 4 more." in tools._versions(tmp_path)[1]
    assert tools._versions(Path("nowhere"))[1] == tools.WORDS["no_lock"]
