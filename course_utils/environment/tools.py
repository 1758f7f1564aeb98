"""What `course doctor` looks at besides what a chapter needs: where people work, grade and maintain.

None of it stops a chapter; each finding that isn't fine says what it is for and what to do.
"""

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from course_utils.texts import _

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NAMED = 5  # packages in one sentence
WORDS = {
    "no_lab": _(
        "not installed here; VS Code and Colab do without it. In the course's folder run: pip install -e '.[lab]'"
    ),
    "no_sliders": _(
        "its part of ipywidgets is missing, so that it shows no sliders. Install it with: pip install jupyterlab_widgets"
    ),
    "no_kernel": _("there is none called python3. Make it with: {python} -m ipykernel install --sys-prefix"),
    "other_kernel": (
        _(
            "notebooks would run in another Python, {found}. Remove that kernel (jupyter kernelspec list shows where it is), or "
            "choose this one with: {python} -m ipykernel install --sys-prefix"
        )
    ),
    "no_browser": (
        _(
            "none that `course lab` could open; it prints an address: open that, or forward its port if this is a machine elsewhere."
        )
    ),
    "no_chromium": _("not here, so the browser tests are skipped. On Debian and Ubuntu: apt-get install chromium"),
    "no_lock": _("requirements.lock is not here, so they can't be compared; chapters run on a wide range of versions."),
    "other_versions": (
        _(
            "{count} of {all} differ from requirements.lock: {names}. Chapters run on a wide range, but stored numbers were made "
            "with the lock. To install it: pip install -r requirements.lock"
        )
    ),
}


def surroundings(root):
    """Look around.

    Args:
        root: Path of the repository, or None where there is none.

    Returns:
        (what was looked at, what was found, "" or a sentence that says what to do), each.
    """
    from course_utils.grading.sandbox.self_test import layers

    return (
        ("JupyterLab", *_lab()),
        (_("Kernel"), *_kernel()),
        (_("Browser"), *_browser()),
        (_("Chromium for the tests"), *_chromium()),
        *layers(),
        (_("Versions"), *_versions(root)),
    )


def _lab():
    try:
        found = version("jupyterlab")
    except PackageNotFoundError:
        return "", WORDS["no_lab"]
    try:
        version("jupyterlab_widgets")
    except PackageNotFoundError:
        return found, WORDS["no_sliders"]
    return found, ""


def _kernel():
    """The Python behind the kernel that every notebook of the course asks for."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return "", WORDS["no_lab"]
    try:
        first = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return "", WORDS["no_kernel"].format(python=sys.executable)
    found = shutil.which(first) or first
    if _environment_of(found) == _environment_of(sys.executable) or first in ("python", "python3"):
        return _("this Python"), ""
    return found, WORDS["other_kernel"].format(found=found, python=sys.executable)


def _environment_of(python):
    return os.path.realpath(Path(python).parent)


def _browser():
    import webbrowser

    try:
        return webbrowser.get().name, ""
    except (webbrowser.Error, AttributeError):  # AttributeError: the browser of macOS had no name before Python 3.12
        return ("", "") if sys.platform == "darwin" else ("", WORDS["no_browser"])


def _chromium():
    found = next(filter(None, map(shutil.which, BROWSERS)), "")
    return found, "" if found else WORDS["no_chromium"]


def _versions(root):
    """What is installed, against the lock."""
    lock = root and root / "requirements.lock"
    if not lock or not lock.is_file():
        return "", WORDS["no_lock"]
    others, all_of_them = not_as_locked(lock), len(_locked(lock))
    if not others:
        return _("{number} as in requirements.lock").format(number=all_of_them), ""
    names = ", ".join(others[:NAMED]) + (
        _(" and {number} more").format(number=len(others) - NAMED) if len(others) > NAMED else ""
    )
    return "", WORDS["other_versions"].format(count=len(others), all=all_of_them, names=names)


def not_as_locked(lock):
    """What is installed here otherwise than a lock says.

    Args:
        lock: Path of a lock.

    Returns:
        A list like ["numpy 2.1.3 (lock: 2.4.6)"], in the lock's order.
    """
    here = {_plain(d.metadata["Name"]): d.version for d in distributions()}
    wanted = _locked(lock).items()
    return [f"{name} {here.get(name, _('missing'))} (lock: {v})" for name, v in wanted if here.get(name) != v]


def _locked(lock):
    """Package -> version, for this Python on this machine."""
    from packaging.requirements import Requirement

    lines = (line for line in lock.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#"))
    wanted = (r for r in map(Requirement, lines) if not r.marker or r.marker.evaluate())
    return {_plain(r.name): str(r.specifier).removeprefix("==") for r in wanted}


def _plain(name):
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)
