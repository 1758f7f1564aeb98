"""Says whether this machine is ready for the course, and what to do where it isn't.

Versions are compared with what the installed package itself asks for (`pyproject.toml`), so that there is one list only.
"""

import platform
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires

from course_utils.texts import _

PACKAGE = "course-utils"
# What a chapter needs: as it is called -> (the module, the names under which it is installed).
PARTS = {
    "TensorFlow": ("tensorflow", ("tensorflow-cpu", "tensorflow")),
    "Keras": ("keras", ("keras",)),
    "NumPy": ("numpy", ("numpy",)),
    "pandas": ("pandas", ("pandas",)),
    "Matplotlib": ("matplotlib", ("matplotlib",)),
    "scikit-learn": ("sklearn", ("scikit-learn",)),
    "ipywidgets": ("ipywidgets", ("ipywidgets",)),
}
WORDS = {
    "fine": _("fine"),
    "missing": _("not installed here. Install it with: pip install '{wanted}'"),
    "old": _("found {found}, the course needs {wanted}. Install that with: pip install '{wanted}'"),
    "python": _("found {found}, the course needs {wanted}. Install a fitting Python and make the environment anew."),
    "not_installed": _("the course's package is not installed here. In the course's folder run: pip install -e ."),
    "backend": (
        _(
            "Keras runs on {found}, the course needs TensorFlow. Restart the notebook after setting the environment "
            "variable KERAS_BACKEND to tensorflow."
        )
    ),
    "keras": _("Keras on TensorFlow"),
    "all": _("Everything is fine: you can begin."),
    "some": _("Mend what is not fine, restart the notebook, and run this cell again."),
    "some_here": _("Mend what is not fine, and run this again."),
    "needed": _("What a chapter needs"),
    "around": _("What is good to have: no chapter needs it"),
}


@dataclass(frozen=True)
class Health:
    """What was looked at, and how it is.

    Args:
        findings: what was looked at -> "" where it is fine, or a sentence that says what to do.
        versions: what was looked at -> the version that was found.
        around: what no chapter needs: (what was looked at, what was found, "" or a sentence that says what to do), each.
    """

    findings: dict
    versions: dict = field(default_factory=dict)
    around: tuple = ()

    @property
    def fine(self):
        """True where nothing that a chapter needs has to be mended."""
        return not any(self.findings.values())

    def __repr__(self):
        lines = [f"{what}: {finding or WORDS['fine']}" for what, finding in self.findings.items()]
        return "\n".join([*lines, WORDS["all" if self.fine else "some"]])

    def report(self):
        """All of it, with the versions: what `course doctor` prints."""
        needed = [self._line(what, self.versions.get(what), finding) for what, finding in self.findings.items()]
        around = [self._line(*looked_at) for looked_at in self.around]
        end = WORDS["all" if self.fine else "some_here"]
        return "\n".join([WORDS["needed"], *needed, "", WORDS["around"], *around, "", end])

    def _line(self, what, found, finding):
        if finding:
            return f"  {what}: {finding}"
        return f"  {what}: {WORDS['fine']} ({found})" if found else f"  {what}: {WORDS['fine']}"


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
    findings, versions = {"Python": _python(wanted["python"])}, {"Python": platform.python_version()}
    for what, (module, _names) in PARTS.items():
        findings[what], versions[what] = _part(module, wanted[what])
    if not findings["Keras"]:
        findings[WORDS["keras"]] = _backend()
    return Health(findings, versions)


def examine(root):
    """`doctor()`, and where people work, grade and maintain: what `course doctor` shows.

    Args:
        root: Path of the repository, or None where there is none.

    Returns:
        `Health`.
    """
    from course_utils.environment.tools import surroundings

    return replace(doctor(), around=surroundings(root))


def _requirements():
    """What is asked for -> a `Requirement`; for "python" a `SpecifierSet`."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    asked = {r.name.lower(): r for r in map(Requirement, requires(PACKAGE))}
    wanted = {what: next(asked[name] for name in names if name in asked) for what, (_, names) in PARTS.items()}
    return wanted | {"python": SpecifierSet(metadata(PACKAGE)["Requires-Python"])}


def _python(wanted):
    found = platform.python_version()
    return "" if wanted.contains(found, prereleases=True) else WORDS["python"].format(found=found, wanted=wanted)


def _part(module, requirement):
    """What is to be said of a package, and its version."""
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        found = import_module(module).__version__
    except ImportError:
        return WORDS["missing"].format(wanted=wanted), ""
    if requirement.specifier.contains(found, prereleases=True):
        return "", found
    return WORDS["old"].format(found=found, wanted=wanted), found


def _backend():
    import keras

    found = keras.backend.backend()
    return "" if found == "tensorflow" else WORDS["backend"].format(found=found)
