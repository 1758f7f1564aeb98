"""`course doctor` where it is needed: it names the cause, and no environment ends it in a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.environment import obstacles, tools, trial

OTHER_BACKEND = (
    "Keras runs on {name}, the course needs TensorFlow. Curves and exercises in NumPy work all the same, but each cell that "
    "measures a gradient or trains a network stops with an error. {where} says so: set it to tensorflow, and restart the notebook."
)
# The examination of some parts only, without importing TensorFlow first: what is tried here has nothing to do with it.
COMMAND = """
import course_utils
from course_utils.environment import requirements, trial
course_utils.setup = lambda: None
requirements.PARTS = {name: requirements.PARTS.get(name, ("fake", ("numpy",))) for name in %r}
trial.tell()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in, with an empty home: what the environment says of settings and paths is gone."""
    for name in list(os.environ):
        if name.startswith(("PYTHON", "KERAS", "TF_", "MPL", "MATPLOTLIB", "XDG", "JUPYTER", "IPYTHON")):
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def found(monkeypatch, *parts):
    """What `course doctor` finds in a process of its own."""
    command = COMMAND % (parts,)
    monkeypatch.setattr(trial, "COMMAND", command)
    monkeypatch.setattr(tools, "surroundings", lambda root: ())
    health = trial.examine(None)
    assert "Traceback" not in health.report()
    return {what: said for what, said in health.findings.items() if said}


def test_nothing_is_wrong_with_an_empty_home(place, monkeypatch):
    assert found(monkeypatch, "NumPy", "Matplotlib") == {}


# Matplotlib -----------------------------------------------------------------------------------------------------------


def test_a_backend_that_matplotlib_does_not_have(place, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Qt4Agg")
    (said,) = found(monkeypatch, "Matplotlib").values()
    assert said.startswith("it is installed, but importing it fails: ValueError: Key backend: 'Qt4Agg' is not a valid")
    assert "Variables that may be the reason: MPLBACKEND." in said


def test_a_matplotlibrc_that_is_not_utf8(place, monkeypatch):
    path = write(place / "home/.config/matplotlib/matplotlibrc", "font.family: Université".encode("latin-1"))
    (said,) = found(monkeypatch, "Matplotlib").values()
    assert f"its settings file {path} can't be read: UnicodeDecodeError:" in said
    assert "pip install" not in said


@pytest.mark.parametrize("where", ["here/matplotlibrc", "elsewhere/matplotlibrc"])
def test_latex_that_is_not_there(place, monkeypatch, where):
    path = write(place / where, "text.usetex: True\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(path))
    monkeypatch.setenv("PATH", "")
    said = found(monkeypatch, "Matplotlib")["Figures"]
    assert said.startswith(f"Matplotlib is told to set text with LaTeX (text.usetex in {path}), which fails here: ")
    assert said.endswith("Remove that line, or install LaTeX.")


def test_a_figure_that_can_not_be_drawn_for_another_reason(place, monkeypatch):
    write(place / "here/matplotlibrc", "figure.figsize: 1000000, 1\n")
    (said,) = found(monkeypatch, "Matplotlib").values()
    assert said.startswith("a figure can't be drawn: ValueError: ")


# Keras ----------------------------------------------------------------------------------------------------------------


def test_a_variable_that_asks_for_another_backend(place, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    said = found(monkeypatch, "Keras")
    assert said == {"Keras": OTHER_BACKEND.format(name="theano", where="The environment variable KERAS_BACKEND")}


def test_a_file_that_asks_for_another_backend(place, monkeypatch):
    settings = {"backend": "mxnet", "image_data_format": "channels_first"}
    path = write(place / "home/.keras/keras.json", json.dumps(settings))
    said = found(monkeypatch, "Keras")
    assert said["Keras"] == OTHER_BACKEND.format(name="mxnet", where=f"The file {path}")
    assert said["Settings of Keras"].startswith(
        f"{path} says image_data_format channels_first, the course was measured with image_data_format channels_last:"
    )


def test_the_variable_comes_before_the_file(place, monkeypatch):
    write(place / "home/.keras/keras.json", '{"backend": "jax"}')
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert found(monkeypatch) == {}


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("floatx", "float64", "float32"), ("floatx", "float16", "float32"), ("epsilon", 0.001, "1e-07")],
)
def test_settings_by_which_keras_computes_otherwise(place, monkeypatch, name, value, wanted):
    monkeypatch.setenv("KERAS_HOME", str(place / "keras"))
    path = write(place / "keras/keras.json", json.dumps({"backend": "tensorflow", name: value}))
    assert found(monkeypatch) == {
        "Settings of Keras": f"{path} says {name} {value}, the course was measured with {name} {wanted}: cells stop, or print other "
        "numbers than the text. Delete that file (Keras makes it anew) and restart the notebook."
    }


@pytest.mark.parametrize("content", ["[1]", '{"floatx": ', b"\xff\xfe{}", "[" * 100_000])
def test_settings_that_keras_can_not_read(place, monkeypatch, content):
    path = write(place / "home/.keras/keras.json", content)
    said = found(monkeypatch)["Settings of Keras"]
    assert said.startswith(f"{path} holds no settings that Keras can read (")
    assert said.endswith(". Delete that file: Keras makes it anew.")


@pytest.mark.parametrize("name", ["KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"])
def test_variables_that_cut_trainings_short(place, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert found(monkeypatch) == {
        "Settings of Keras": f"the environment variable {name} is 1 and cuts every training short. Remove it and restart the notebook."
    }


@pytest.mark.parametrize(("value", "installed"), [("1", True), ("true", False), ("True", False)])
def test_keras_2_in_place_of_keras_3(place, monkeypatch, value, installed):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", value)
    if installed:
        write(place / "other/site-packages/tf_keras/__init__.py", "")
        monkeypatch.setenv("PYTHONPATH", str(place / "other/site-packages"))
    said = found(monkeypatch)["TF_USE_LEGACY_KERAS"]
    assert "so that tf.keras is Keras 2 out of the package tf_keras" in said
    assert ("which is not installed here: whatever asks for tf.keras stops." in said) != installed


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_the_same_variable_says_no(place, monkeypatch, value):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", value)
    assert found(monkeypatch) == {}


def test_setup_says_what_another_backend_means(place):
    done = subprocess.run(
        [sys.executable, "-c", "from course_utils import setup; setup()"],
        env=os.environ | {"KERAS_BACKEND": "numpy"},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = OTHER_BACKEND.format(name="numpy", where="The environment variable KERAS_BACKEND")
    assert done.stdout.splitlines() == [wanted]


# Files in the way -----------------------------------------------------------------------------------------------------


def in_the_way(path, what):
    return f"{path} stands in the way of the {what} of the same name. Rename or remove it, and restart the notebook."


@pytest.mark.parametrize("content", ["x = 1", "import sys; sys.exit('bye')", "1 / 0", "input()", "oops("])
def test_a_numpy_of_ones_own_beside_the_notebook(place, monkeypatch, content):
    path = write(place / "here/numpy.py", content)
    said = found(monkeypatch, "NumPy", "pandas")
    assert said["NumPy"] == said["Files in the way"] == in_the_way(path, "package")
    assert said["pandas"].startswith("it is installed, but importing it fails: ")
    assert said["pandas"].endswith(in_the_way(path, "package"))


@pytest.mark.parametrize("name", ["keras.py", "tensorflow.py", "matplotlib/__init__.py"])
def test_other_packages_of_ones_own_on_the_path(place, monkeypatch, name):
    path = write(place / "own" / name, "x = 1")
    path = path.parent if path.stem == "__init__" else path
    monkeypatch.setenv("PYTHONPATH", str(place / "own"))
    part = {"keras": "Keras", "tensorflow": "TensorFlow", "matplotlib": "Matplotlib"}[path.stem]
    assert found(monkeypatch, part)[part] == in_the_way(path, "package")


def test_a_folder_that_python_takes_for_a_package(place, monkeypatch):
    """`try: import jax` in Keras succeeds with any folder of that name."""
    (place / "here/jax").mkdir()
    said = found(monkeypatch, "Keras")["Keras"]
    assert said.endswith(in_the_way(place / "here/jax", "package"))


@pytest.mark.parametrize("name", ["random", "argparse", "email"])
def test_the_command_starts_where_a_module_of_python_s_own_is_hidden(place, name):
    path = write(place / "own" / f"{name}.py", "x = 1")
    environment = os.environ | {"PYTHONPATH": str(place / "own")}
    command = [sys.executable, "-m", "course_utils", "doctor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"  Files in the way: {in_the_way(path, 'module of Python`s own'.replace('`', chr(39)))}\n" in done.stdout
    assert done.stdout.endswith("\nMend what is not fine, and run this again.\n")
    assert "Traceback" not in done.stdout + done.stderr


def test_files_beside_the_notebooks_are_found_from_the_course_s_folder(place):
    path = write(place / "here/workbooks/token.py", "")
    write(place / "here/workbooks/helpers.py", "")
    write(place / "here/workbooks/tests.py", "")
    assert list(obstacles.in_the_way([place / "here" / name for name in obstacles.FOLDERS])) == [path]


def test_python_s_own_folders_and_those_of_packages_are_not_in_the_way():
    assert obstacles.in_the_way(sys.path) == {}


# Packages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fake(place, monkeypatch):
    """A function that installs a package called "fake" in a folder of packages that is on the path."""
    monkeypatch.setenv("PYTHONPATH", str(place / "other/site-packages"))
    return lambda content: write(place / "other/site-packages/fake/__init__.py", content).parents[1]


def test_a_package_that_lacks_a_library_of_the_system(fake, monkeypatch):
    fake("raise ImportError('libcudart.so.12: cannot open shared object file: No such file or directory')")
    said = found(monkeypatch, "Fake")["Fake"]
    assert said.startswith("it is installed, but importing it fails: ImportError: libcudart.so.12: cannot open")
    assert "Variables that may be the reason: PYTHONPATH." in said
    assert said.endswith("install it again: pip install --force-reinstall 'numpy>=1.26'")


def test_a_package_that_lacks_another(fake, monkeypatch):
    fake("import no_such_module")
    said = found(monkeypatch, "Fake")["Fake"]
    assert said.startswith(
        "it is installed, but importing it fails: ModuleNotFoundError: No module named 'no_such_module'"
    )


@pytest.mark.skipif(os.name == "nt", reason="there, a process has no signals")
def test_a_package_that_ends_python(fake, monkeypatch):
    """As TensorFlow does on a processor without AVX."""
    fake("import os, sys; print('the processor lacks AVX', file=sys.stderr, flush=True); os.abort()")
    said = found(monkeypatch, "NumPy", "Fake")["Fake"]
    assert said == "Python itself ended at this place (signal SIGABRT). The last that was said: the processor lacks AVX"


def test_a_package_whose_import_has_no_end(fake, monkeypatch):
    fake("import time; time.sleep(3600)")
    monkeypatch.setattr(trial, "PATIENCE", 5)
    said = found(monkeypatch, "Fake")["Fake"]
    assert said == "Python itself ended at this place (it did not come to an end). The last that was said: nothing"


def test_the_remains_of_a_package(fake, monkeypatch, place):
    folder = fake("") / "fake"
    (folder / "__init__.py").unlink()
    said = found(monkeypatch, "Fake")["Fake"]
    assert said.startswith(f"only remains of it are here, in {folder}. Remove that folder, then: pip install --force")


@pytest.mark.parametrize("version", ["'1.20'", "None", "'today'"])
def test_a_package_of_another_installation(fake, monkeypatch, version):
    folder = fake(f"__version__ = {version}")
    said = found(monkeypatch, "Fake")["Fake"]
    assert said.startswith(
        f"found {version.strip(chr(39))} in {folder}, which is not this environment; the course needs numpy>=1.26."
    )


def test_an_installation_of_an_earlier_version_of_the_course(place, monkeypatch):
    metadata = "Metadata-Version: 2.1\nName: course-utils\nVersion: 0.0.1\nRequires-Dist: numpy>=1.26\n"
    write(place / "other/site-packages/course_utils-0.0.1.dist-info/METADATA", metadata)
    monkeypatch.setenv("PYTHONPATH", str(place / "other/site-packages"))
    assert found(monkeypatch, "NumPy", "pandas") == {
        "course-utils": "what is installed was made from an earlier version of the course, which did not ask for pandas. In the "
        "course's folder run: pip install -e ."
    }


@pytest.mark.parametrize("error", [AttributeError("no such thing"), ValueError("broken")])
def test_a_lazy_name_that_fails_shows_the_true_error(place, error):
    """AttributeError alone would be taken for a name that is not there."""
    write(place / "here/keras.py", f"raise {error!r}")
    for line in ("from course_utils.experiments import digits", "from course_utils import experiments; experiments.digits",
                 "from course_utils.experiments import *"):  # fmt: skip
        code = f"import sys; sys.path.insert(0, '.'); {line}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert str(error) in done.stderr.strip().rpartition("\n")[2]


# Where people work ----------------------------------------------------------------------------------------------------


def test_places_that_can_not_be_written(place, monkeypatch):
    """The home is a file; as root nothing else stops a write."""
    write(place / "file", "")
    monkeypatch.setenv("COURSE_DATA", str(place / "file/data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(place / "file/runtime"))
    there, said = tools._places()
    assert there == ""
    assert (
        f"{place}/file/data can't be written (Not a directory), so your progress is kept for one session only." in said
    )
    assert f"{place}/file/runtime can't be written (Not a directory), so JupyterLab does not start." in said
    assert said.endswith("with the environment variable JUPYTER_RUNTIME_DIR.")


def test_a_full_disk(place, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(place / "data"))
    usage = tools.shutil.disk_usage(place)
    monkeypatch.setattr(tools.shutil, "disk_usage", lambda path: usage._replace(free=3_000_000))
    assert f"only 3 MB are free where {place / 'data'} is" in tools._places()[1]

    class Full:
        def __init__(self, **_):
            pass

        def __enter__(self):
            raise OSError(28, "No space left on device")

        __exit__ = None

    monkeypatch.setattr(tools.tempfile, "TemporaryFile", Full)
    assert f"{place / 'data'} can't be written (No space left on device), so your progress" in tools._places()[1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (".ipython/profile_default/ipython_kernel_config.py", "c = get_config(", "SyntaxError"),
        (".ipython/profile_default/ipython_config.py", "1 / 0", "ZeroDivisionError"),
        (".jupyter/jupyter_server_config.py", "import no_such_module", "ModuleNotFoundError"),
        (".jupyter/jupyter_server_config.json", "{", "JSONDecodeError"),
        (".jupyter/jupyter_server_config.d/mine.json", "{'a': 1}", "JSONDecodeError"),
    ],
)
def test_settings_of_jupyter_and_ipython_that_can_not_be_read(place, name, content, reason):
    assert tools._settings()[1] == ""
    path = write(place / "home" / name, content)
    there, said = tools._settings()
    assert there == ""
    assert said.startswith(f"{path} can't be read, so what it says is left aside: ")
    assert reason in said


def test_a_kernel_that_does_not_start(place, monkeypatch):
    write(place / "own/ipykernel_launcher.py", "raise SystemExit('no kernel today')")
    monkeypatch.setenv("PYTHONPATH", str(place / "own"))
    assert tools._start()[1].startswith("none starts: no kernel today. Notebooks can't run before that is mended")


def test_a_kernel_that_starts(place):
    assert tools._start() == ("a kernel starts and answers", "")


def test_the_whole_command_under_another_backend(place, root):
    """TensorFlow is imported; nothing of the command's output is a traceback, and the exit code says so."""
    environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "course_utils", "doctor"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert OTHER_BACKEND.format(name="jax", where="The environment variable KERAS_BACKEND") in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert Path(root / "notebooks").is_dir()
