"""Which backend Keras runs on, what chose it, and what a learner has to know where it is not TensorFlow."""

import json
import os
import sys
from pathlib import Path

from course_utils.texts import _

WORDS = {
    "backend": _(
        "Keras runs on {found}, the course needs TensorFlow. Curves and exercises in NumPy work all the same, but each cell that "
        "measures a gradient or trains a network stops with an error. {where} says so: set it to tensorflow, and restart the notebook."
    ),
    "variable": _("The environment variable KERAS_BACKEND"),
    "file": _("The file {path}"),
    "program": _("A line of your own"),
    "no_settings": _("{path} holds no settings that Keras can read ({reason}). Delete that file: Keras makes it anew."),
}


def keras_file() -> Path:
    """Where Keras looks for its settings."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        user = os.path.expanduser("~")
        home = os.path.join(user if os.access(user, os.W_OK) else "/tmp", ".keras")
    return Path(os.path.expanduser(home)) / "keras.json"


def keras_settings() -> tuple[dict, str]:
    """What the settings of Keras hold.

    Returns:
        A dict, {} where there is no file; and a sentence where the file can't be read, or "".
    """
    try:
        found = json.loads(keras_file().read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError(type(found).__name__)
    except (FileNotFoundError, NotADirectoryError):
        return {}, ""
    except (OSError, ValueError, RecursionError) as error:
        return {}, WORDS["no_settings"].format(path=keras_file(), reason=error)
    return found, ""


def chosen_backend() -> tuple[str, str | None]:
    """The backend that Keras is asked for, and where: the name, and what says so (None for neither)."""
    if found := os.environ.get("KERAS_BACKEND"):
        return found, WORDS["variable"]
    if (found := keras_settings()[0].get("backend", "tensorflow")) != "tensorflow":
        return str(found), WORDS["file"].format(path=keras_file())
    return "tensorflow", None


def backend_notice() -> str:
    """One sentence on what happens where Keras runs, or will run, on another backend than TensorFlow; else ""."""
    found, where = chosen_backend()
    ask = getattr(getattr(sys.modules.get("keras"), "backend", None), "backend", None)
    if ask is not None:
        runs_on = ask()
        found, where = runs_on, where if runs_on == found else None
    return "" if found == "tensorflow" else WORDS["backend"].format(found=found, where=where or WORDS["program"])
