"""Says whether this machine is ready for the course, and what to do where it isn't.

Versions are compared with what the installed package itself asks for (`pyproject.toml`), so that there is one list only.
"""

import platform
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires

PACKAGE = "course-utils"
# What a chapter needs: as it is called -> (the module, the names under which it is installed).
PARTS = {
    "TensorFlow": ("tensorflow", ("tensorflow-cpu", "tensorflow")),
    "Keras": ("keras", ("keras",)),
    "NumPy": ("numpy", ("numpy",)),
    "Matplotlib": ("matplotlib", ("matplotlib",)),
    "scikit-learn": ("sklearn", ("scikit-learn",)),
    "ipywidgets": ("ipywidgets", ("ipywidgets",)),
}
WORDS = {
    "fine": "fine",
    "missing": "not installed here. Install it with: pip install '{wanted}'",
    "old": "found {found}, the course needs {wanted}. Install that with: pip install '{wanted}'",
    "python": "found {found}, the course needs {wanted}. Install a fitting Python and make the environment anew.",
    "not_installed": "the course's package is not installed here. In the course's folder run: pip install -e .",
    "backend": (
        "Keras runs on {found}, the course needs TensorFlow. Restart the notebook after setting the environment "
        "variable KERAS_BACKEND to tensorflow."
    ),
    "all": "Everything is fine: you can begin.",
    "some": "Mend what is not fine, restart the notebook, and run this cell again.",
}


@dataclass(frozen=True)
class Health:
    """What was looked at, and how it is.

    Args:
        findings: what was looked at -> "fine", or a sentence that says what to do.
    """

    findings: dict

    @property
    def fine(self):
        """True where nothing has to be done."""
        return all(finding == WORDS["fine"] for finding in self.findings.values())

    def __repr__(self):
        lines = [f"{what}: {finding}" for what, finding in self.findings.items()]
        return "\n".join([*lines, WORDS["all" if self.fine else "some"]])


def doctor():
    """Look whether Python, the packages and Keras's backend are as the course needs them.

    What is fine is only called fine, without its version, so that the result is the same on every machine that is ready.

    Returns:
        `Health`.
    """
    try:
        wanted = _requirements()
    except PackageNotFoundError:
        return Health({PACKAGE: WORDS["not_installed"]})
    findings = {"Python": _python(wanted["python"])}
    findings |= {what: _part(module, wanted[what]) for what, (module, _) in PARTS.items()}
    if findings["Keras"] == WORDS["fine"]:
        findings["Keras on TensorFlow"] = _backend()
    return Health(findings)


def _requirements():
    """What is asked for -> a `Requirement`; for "python" a `SpecifierSet`."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    asked = {r.name.lower(): r for r in map(Requirement, requires(PACKAGE))}
    wanted = {what: next(asked[name] for name in names if name in asked) for what, (_, names) in PARTS.items()}
    return wanted | {"python": SpecifierSet(metadata(PACKAGE)["Requires-Python"])}


def _python(wanted):
    found = platform.python_version()
    return (
        WORDS["fine"]
        if wanted.contains(found, prereleases=True)
        else WORDS["python"].format(found=found, wanted=wanted)
    )


def _part(module, requirement):
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        found = import_module(module).__version__
    except ImportError:
        return WORDS["missing"].format(wanted=wanted)
    if requirement.specifier.contains(found, prereleases=True):
        return WORDS["fine"]
    return WORDS["old"].format(found=found, wanted=wanted)


def _backend():
    import keras

    found = keras.backend.backend()
    return WORDS["fine"] if found == "tensorflow" else WORDS["backend"].format(found=found)
