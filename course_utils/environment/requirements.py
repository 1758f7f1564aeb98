"""Says whether this machine is ready for the course, and what to do if it isn't.

Versions are compared with what the installed package itself requires (`pyproject.toml`), so there is only one list.
"""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires
from io import BytesIO
from pathlib import Path

from course_utils.environment import obstacles
from course_utils.learner.keras_backend import backend_notice, keras_settings
from course_utils.texts import _

PACKAGE = "course-utils"
# What a chapter needs: name -> (module, names of the packages that provide it).
PARTS = {
    "TensorFlow": ("tensorflow", ("tensorflow-cpu", "tensorflow")),
    "Keras": ("keras", ("keras",)),
    "NumPy": ("numpy", ("numpy",)),
    "pandas": ("pandas", ("pandas",)),
    "Matplotlib": ("matplotlib", ("matplotlib",)),
    "scikit-learn": ("sklearn", ("scikit-learn",)),
    "ipywidgets": ("ipywidgets", ("ipywidgets",)),
}
# Environment variables that change how packages are found or loaded.
VARIABLES = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONWARNINGS",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "MPLBACKEND",
    "MATPLOTLIBRC",
    "KERAS_BACKEND",
)
WORDS = {
    "fine": _("fine"),
    "missing": _("not installed here. Install it with: pip install '{wanted}'"),
    "fails": _("it is installed, but importing it fails: {error}"),
    "again": _("If no other line here explains that, install it again: pip install --force-reinstall '{wanted}'"),
    "variables": _("Variables that may be the reason: {names}."),
    "by_backend": _("That is because of Keras's backend."),
    "remains": _(
        "only remains of it are here, in {place}. Remove that folder, then: pip install --force-reinstall '{wanted}'"
    ),
    "ended": _("Python itself ended at this place ({how}). The last that was said: {said}"),
    "old": _("found {found}, the course needs {wanted}. Install that with: pip install '{wanted}'"),
    "elsewhere": _(
        "found {found} in {place}, which is not this environment; the course needs {wanted}. Something puts that folder on "
        "Python's path: PYTHONPATH, or an installation for your user."
    ),
    "python": _("found {found}, the course needs {wanted}. Install a fitting Python and make the environment anew."),
    "not_installed": _("the course's package is not installed here. In the course's folder run: pip install -e ."),
    "stale": _(
        "what is installed was made from an earlier version of the course, which did not ask for {names}. In the course's "
        "folder run: pip install -e ."
    ),
    "drawing": _("a figure can't be drawn: {error}"),
    "usetex": _(
        "Matplotlib is told to set text with LaTeX (text.usetex in {path}), which fails here: {error} Remove that line, or install LaTeX."
    ),
    "figures": _("Figures"),
    "settings": _("Settings of Keras"),
    "in_the_way": _("Files in the way"),
    "keras": _("Keras on TensorFlow"),
    "all": _("Everything is fine: you can begin."),
    "some": _("Mend what is not fine, restart the notebook, and run this cell again."),
    "some_here": _("Mend what is not fine, and run this again."),
    "needed": _("What a chapter needs"),
    "around": _("What is good to have: no chapter needs it"),
}


@dataclass(frozen=True)
class Health:
    """What was checked, and the result.

    Args:
        findings: what was checked -> "" if it is fine, or a sentence that says what to do.
        versions: what was checked -> the version that was found.
        around: for each check beyond what a chapter needs: (what was checked, what was found, "" or what to do).
    """

    findings: dict
    versions: dict = field(default_factory=dict)
    around: tuple = ()

    @property
    def fine(self) -> bool:
        """Whether everything that a chapter needs is fine."""
        return not any(self.findings.values())

    def __repr__(self):
        lines = [f"{what}: {finding or WORDS['fine']}" for what, finding in self.findings.items()]
        return "\n".join([*lines, WORDS["all" if self.fine else "some"]])

    def report(self) -> str:
        """The full report with versions, as `course doctor` prints it."""
        needed = [self._line(what, self.versions.get(what), finding) for what, finding in self.findings.items()]
        around = [self._line(*looked_at) for looked_at in self.around]
        end = WORDS["all" if self.fine else "some_here"]
        return "\n".join([WORDS["needed"], *needed, "", WORDS["around"], *around, "", end])

    def _line(self, what, found, finding):
        if finding:
            return f"  {what}: {finding}"
        return f"  {what}: {WORDS['fine']} ({found})" if found else f"  {what}: {WORDS['fine']}"


def doctor(begin: Callable[[str], None] = lambda what: None) -> Health:
    """Check whether Python, the packages and Keras's backend are as the course needs them.

    The result's repr names no versions, so that it is the same on every machine that is ready.

    Args:
        begin: called with the name of each check before it starts, for a parent process to follow.
    """
    begin(PACKAGE)
    try:
        wanted = _requirements()
    except PackageNotFoundError:
        return Health({PACKAGE: WORDS["not_installed"]})
    findings, versions = {"Python": _python(wanted["python"])}, {"Python": platform.python_version()}
    if unknown := [what for what in PARTS if wanted[what] is None]:
        findings[PACKAGE] = WORDS["stale"].format(names=", ".join(unknown))
    for what, (module, names) in PARTS.items():
        begin(what)
        findings[what], versions[what] = _part(what, module, names, wanted[what])
    begin(WORDS["keras"])
    if findings.get("Keras") == "":
        findings[WORDS["keras"]] = backend_notice()
    begin(WORDS["figures"])
    others = {
        "TF_USE_LEGACY_KERAS": obstacles.legacy_keras(),
        WORDS["settings"]: " ".join(obstacles.changed_settings()),
        WORDS["figures"]: _drawing() if findings.get("Matplotlib") == "" else "",
        WORDS["in_the_way"]: " ".join(obstacles.in_the_way(sys.path).values()),
    }
    return Health(findings | {what: said for what, said in others.items() if said}, versions)


def _requirements():
    """Name -> its `Requirement`, or None if the installed package doesn't mention it; for "python", a `SpecifierSet`."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    asked = {r.name.lower(): r for r in map(Requirement, requires(PACKAGE) or ())}
    wanted = {what: next((asked[name] for name in names if name in asked), None) for what, (_, names) in PARTS.items()}
    return wanted | {"python": SpecifierSet(metadata(PACKAGE)["Requires-Python"] or "")}


def _python(wanted):
    found = platform.python_version()
    return "" if wanted.contains(found, prereleases=True) else WORDS["python"].format(found=found, wanted=wanted)


def _part(what, module, names, requirement):
    """What to say about a package, and its version."""
    wanted = f"{requirement.name}{requirement.specifier}" if requirement else names[0]
    if what == "Keras" and "keras" not in sys.modules and (said := backend_notice()):
        return said, ""
    if said := _in_the_way(module):
        return said, ""
    try:
        imported = import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a broken package may raise anything
        if isinstance(error, ModuleNotFoundError) and error.name == module:
            return WORDS["missing"].format(wanted=wanted), ""
        return _failed(what, error, wanted), ""
    return _version(imported, requirement, wanted)


def _in_the_way(module):
    """A sentence if one of the user's files is, or would be, imported in place of a package, else ""."""
    from importlib.machinery import PathFinder

    loaded = sys.modules.get(module)
    found = getattr(loaded, "__file__", None) if loaded else getattr(PathFinder.find_spec(module), "origin", None)
    if not found:
        return ""
    path = Path(found).parent if Path(found).stem == "__init__" else Path(found)
    return obstacles.in_the_way([path.parent]).get(path.absolute(), "")


def _failed(what, error, wanted):
    """What to say about a package whose import raises."""
    said = WORDS["fails"].format(error=obstacles.last_line(error).rstrip(".") + ".")
    causes = obstacles.suspects(error)
    if what == "Matplotlib":
        causes.append(obstacles.matplotlib_file())
    elif what in ("TensorFlow", "Keras"):
        causes += [backend_notice() and WORDS["by_backend"], keras_settings()[1]]
    if not any(causes):
        names = [name for name in VARIABLES if os.environ.get(name)]
        causes = [WORDS["variables"].format(names=", ".join(names))] if names else []
        causes.append(WORDS["again"].format(wanted=wanted))
    return " ".join([said, *filter(None, causes)])


def _version(imported, requirement, wanted):
    from packaging.version import InvalidVersion, Version

    if imported.__spec__ is not None and imported.__spec__.origin is None:
        return WORDS["remains"].format(place=next(iter(imported.__path__)), wanted=wanted), ""
    found = str(getattr(imported, "__version__", ""))
    try:
        fits = requirement is None or requirement.specifier.contains(Version(found), prereleases=True)
    except InvalidVersion:
        fits = False
    if fits:
        return "", found
    place = Path(imported.__file__).parents[1]
    if not place.is_relative_to(sys.prefix):
        return WORDS["elsewhere"].format(found=found, place=place, wanted=wanted), found
    return WORDS["old"].format(found=found or _("no version"), wanted=wanted), found


def _drawing():
    """A sentence if Matplotlib can't draw with the user's settings, else ""."""
    import matplotlib
    from matplotlib.figure import Figure

    try:
        figure = Figure()
        figure.subplots().set_title("$x^2$")
        figure.savefig(BytesIO(), format="png")
    except Exception as error:  # noqa: BLE001 - settings may lead anywhere
        said = obstacles.last_line(error)[:200].rstrip(".") + "."
        if matplotlib.rcParams["text.usetex"]:
            return WORDS["usetex"].format(path=Path(matplotlib.matplotlib_fname()).absolute(), error=said)
        return WORDS["drawing"].format(error=said)
    return ""
