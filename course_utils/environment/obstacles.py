"""What can stop a chapter even if every package is installed: shadowing files, settings, environment variables.

Everything here only reads and compares; it imports nothing that may be broken.
"""

import os
import sys
import sysconfig
import traceback
from collections.abc import Iterable
from importlib.machinery import all_suffixes
from pathlib import Path

from course_utils.learner.keras_backend import keras_file, keras_settings
from course_utils.texts import _

WORDS = {
    "in_the_way": _(
        "{path} stands in the way of the {what} of the same name. Rename or remove it, and restart the notebook."
    ),
    "module": _("module of Python's own"),
    "package": _("package"),
    "legacy": _(
        "the environment variable TF_USE_LEGACY_KERAS is {value}, so that tf.keras is Keras 2 out of the package tf_keras{there}. "
        "The course's cells are written for Keras 3. Remove that variable and restart the notebook."
    ),
    "no_legacy": _(", which is not installed here: whatever asks for tf.keras stops"),
    "holds": _(
        "{path} says {settings}, the course was measured with {wanted}: cells stop, or print other numbers than the text. Delete that "
        "file (Keras makes it anew) and restart the notebook."
    ),
    "shortened": _(
        "the environment variable {name} is {value} and cuts every training short. Remove it and restart the notebook."
    ),
    "settings_file": _("its settings file {path} can't be read: {reason}. Mend it, or remove it."),
}
SUFFIXES = tuple(all_suffixes())
HARMLESS = {
    "test",
    "tests",
    "this",
    "antigravity",
    "docs",
    "examples",
    "benchmarks",
    "conftest",
    "setup",
    "course_utils",
}
FOLDERS = ("workbooks", "notebooks", "exercises", "solutions")  # where a kernel looks for modules first
KERAS = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
SHORTENING = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")
TRUE = ("true", "True", "1")  # what TensorFlow reads as true


def last_line(error: BaseException) -> str:
    """An exception in one line."""
    return "".join(traceback.format_exception_only(error)).strip().rpartition("\n")[2]


def in_the_way(places: Iterable[str | Path]) -> dict[Path, str]:
    """The user's files that shadow a module of Python's standard library or an installed package.

    Args:
        places: folders in which Python looks first: the entries of `sys.path`, and the notebooks' folders.

    Returns:
        A dict: path -> a sentence.
    """
    theirs = {name for place in _packages() for name in _names(place)} - HARMLESS
    found = {}
    for place in dict.fromkeys(Path(place or os.curdir).absolute() for place in places):
        if not _somebodys(place):
            continue
        for name, path in _names(place).items():
            if name in sys.stdlib_module_names and name not in HARMLESS:
                found[path] = WORDS["in_the_way"].format(path=path, what=WORDS["module"])
            elif name in theirs:
                found[path] = WORDS["in_the_way"].format(path=path, what=WORDS["package"])
    return found


def suspects(error: BaseException) -> list[str]:
    """Sentences about the user's shadowing files that took part in a failure.

    Args:
        error: what an import raised.
    """
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    frames += [error.filename] if isinstance(error, SyntaxError) and error.filename else []
    loaded = dict.fromkeys([*frames, *filter(None, map(_place_of, list(sys.modules.values())))])
    own = [Path(path).absolute() for path in loaded if _somebodys(path)]
    known = in_the_way({path.parent for path in own})
    folders = [path for path in own if path.is_dir() and path.name in sys.modules]  # Python can import any folder
    known |= {path: WORDS["in_the_way"].format(path=path, what=WORDS["package"]) for path in folders}
    return [known[path] for path in own if path in known]


def changed_settings() -> list[str]:
    """Sentences about settings with which Keras stops, or gives other numbers than the course's."""
    found, unreadable = keras_settings()
    others = {name: value for name, value in found.items() if name in KERAS and value != KERAS[name]}
    others.pop("backend", None)  # reported with the backend
    said = [unreadable] if unreadable else []
    if others:
        shown = [", ".join(f"{name} {some[name]}" for name in others) for some in (others, KERAS)]
        said.append(WORDS["holds"].format(path=keras_file(), settings=shown[0], wanted=shown[1]))
    short = {name: os.environ[name] for name in SHORTENING if os.environ.get(name)}
    return [*said, *(WORDS["shortened"].format(name=name, value=value) for name, value in short.items())]


def legacy_keras() -> str:
    """A sentence if tf.keras is set to be Keras 2, else ""."""
    from importlib.util import find_spec

    value = os.environ.get("TF_USE_LEGACY_KERAS")
    if value not in TRUE:
        return ""
    return WORDS["legacy"].format(value=value, there="" if find_spec("tf_keras") else WORDS["no_legacy"])


def matplotlib_file() -> str:
    """A sentence if the settings file that Matplotlib uses can't be read as text, else ""."""
    named = Path(os.environ.get("MATPLOTLIBRC") or os.curdir)
    user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "matplotlib"
    folders = [Path(os.curdir), named, Path(os.environ.get("MPLCONFIGDIR") or user), Path.home() / ".matplotlib"]
    path = next((path for path in [named, *(folder / "matplotlibrc" for folder in folders)] if path.is_file()), None)
    try:
        path and path.read_text("utf-8")
    except (OSError, ValueError) as error:
        return WORDS["settings_file"].format(path=path.absolute(), reason=last_line(error))
    return ""


def _packages():
    """The folders of installed packages."""
    import site

    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    others = [site.getusersitepackages(), *(place for place in sys.path if place.endswith("-packages"))]
    return dict.fromkeys(Path(place).absolute() for place in [*named, *others])


def _names(place):
    """What can be imported from a folder: name -> path."""
    try:
        entries = list(place.iterdir())
    except OSError:
        return {}
    found = {}
    for path in entries:
        if path.name.endswith(SUFFIXES):
            found[path.name.partition(".")[0]] = path
        elif (path / "__init__.py").is_file():
            found[path.name] = path
    return found


def _somebodys(path):
    """Whether a file or folder exists and is neither Python's, nor a package's, nor the course's."""
    others = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[1], *_packages()]
    path = Path(path).absolute()
    return path.exists() and not any(path.is_relative_to(place) for place in others)


def _place_of(module):
    """The file of a module, or the folder of a package, or None if it has neither. Does not trigger lazy loading."""
    holds = object.__getattribute__(module, "__dict__")
    file, folders = holds.get("__file__"), holds.get("__path__")
    if isinstance(file, str):
        return str(Path(file).parent) if Path(file).stem == "__init__" else file
    return next(iter(folders), None) if folders else None
