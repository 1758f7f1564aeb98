"""What `course doctor` checks beyond what a chapter needs: the tools for working, grading and maintaining.

Problems here don't make the machine unfit for a chapter; each one says what to do.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from course_utils.environment.obstacles import last_line
from course_utils.texts import _

ROOM = 100  # MB that should be free where a notebook or a history is saved
START = 120  # seconds after which a kernel's start counts as hung
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NAMED = 5  # packages named in one sentence
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
    "not_tried": _("it could not be tried: {error}"),
    "no_start": _(
        "none starts: {error} Notebooks can't run before that is mended; if nothing else here explains it: pip install "
        "--force-reinstall ipykernel"
    ),
    "settings": _("{path} can't be read, so what it says is left aside: {error}. Mend that file, or remove it."),
    "no_place": _(
        "{path} can't be written ({error}), {what}. Make room or mend that folder, or choose another one with the environment "
        "variable {variable}."
    ),
    "full": _("only {free} MB are free where {path} is: files may come out cut off. Make room there."),
    "forgotten": _("so your progress is kept for one session only"),
    "no_lab_starts": _("so JupyterLab does not start"),
    "nothing_temporary": _("so much of what writes files stops"),
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


def surroundings(root: Path | None) -> tuple[tuple[str, str, str], ...]:
    """Check everything around a chapter.

    Args:
        root: Path of the repository, or None if there is none.

    Returns:
        For each check: (what was checked, what was found, "" or a sentence that says what to do).
    """
    return (
        *_looked_at("JupyterLab", _lab),
        *_looked_at(_("Kernel"), _kernel),
        *_looked_at(_("A notebook's start"), _start),
        *_looked_at(_("Settings of Jupyter and IPython"), _settings),
        *_looked_at(_("Places for files"), _places),
        *_looked_at(_("Browser"), _browser),
        *_looked_at(_("Chromium for the tests"), _chromium),
        *_layers(),
        *_looked_at(_("Versions"), lambda: _versions(root)),
    )


def _looked_at(what, look: Callable[[], tuple[str, str]]):
    """Run one check and return its finding in a list; if the check itself fails, the others still run."""
    try:
        return [(what, *look())]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a broken package may raise anything
        return _not_tried(what, error)


def _layers():
    try:
        from course_utils.grading.sandbox.self_test import layers

        return layers()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a broken package may raise anything
        return _not_tried(_("Isolation of course grade"), error)


def _not_tried(what, error):
    return [(what, "", WORDS["not_tried"].format(error=last_line(error)))]


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


def _start():
    """Whether a kernel starts and answers, as a notebook's would."""
    try:
        from jupyter_client.manager import start_new_kernel
    except ImportError:
        return "", WORDS["no_lab"]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        try:
            manager, client = start_new_kernel(
                startup_timeout=START, kernel_name="python3", stdout=said, stderr=said, env=os.environ.copy()
            )
        except Exception as error:  # noqa: BLE001 - a kernel may fail in any way
            said.seek(0)
            lines = [line.strip() for line in said if line.strip()]
            return "", WORDS["no_start"].format(error=(lines[-1] if lines else last_line(error)).rstrip(".") + ".")
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    return _("a kernel starts and answers"), ""


def _settings():
    """Whether every existing settings file of Jupyter and IPython can be read."""
    from IPython.paths import get_ipython_dir
    from jupyter_core.paths import jupyter_config_path

    profile = Path(get_ipython_dir()) / "profile_default"
    files = [path for kind in ("py", "json") for path in profile.glob(f"ipython*_config.{kind}")]
    for folder in map(Path, jupyter_config_path()):
        files += [
            *folder.glob("jupyter_*config.py"),
            *folder.glob("jupyter_*config.json"),
            *folder.glob("*_config.d/*.json"),
        ]
    broken = [sentence for path in files if (sentence := _unreadable(path))]
    return ("" if broken else _("{number} files").format(number=len(files))), " ".join(broken)


def _unreadable(path):
    """A sentence if a settings file raises when it is loaded as Jupyter loads it, else ""."""
    from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

    loader = PyFileConfigLoader if path.suffix == ".py" else JSONFileConfigLoader
    try:
        loader(path.name, path=str(path.parent)).load_config()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a settings file may hold any code
        return WORDS["settings"].format(path=path, error=last_line(error).rstrip("."))
    return ""


def _places():
    """Whether files can be written where the course and Jupyter write them."""
    from course_utils.learner.history import data_folder

    wanted = [(data_folder(), "forgotten", "COURSE_DATA")]
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        pass
    else:
        wanted.append((Path(jupyter_runtime_dir()), "no_lab_starts", "JUPYTER_RUNTIME_DIR"))
    said = [sentence for place in wanted if (sentence := _not_writable(*place))]
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
    except OSError as error:
        place = os.environ.get("TMPDIR") or _("the folder for temporary files")
        said.append(_no_place(place, error, "nothing_temporary", "TMPDIR"))
    return ("" if said else _("there, and writable")), " ".join(said)


def _not_writable(folder, consequence, variable):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 10_000)
        free = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        return _no_place(folder, error, consequence, variable)
    return WORDS["full"].format(free=free, path=folder) if free < ROOM else ""


def _no_place(path, error, consequence, variable):
    reason = error.strerror or last_line(error)
    return WORDS["no_place"].format(path=path, error=reason, what=WORDS[consequence], variable=variable)


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
    """How the installed versions compare with the lock."""
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


def not_as_locked(lock: Path) -> list[str]:
    """The packages that are missing here, or whose version differs from the lock's.

    Args:
        lock: Path of a lock file.

    Returns:
        A list like ["numpy 2.1.3 (lock: 2.4.6)"], in the lock's order.
    """
    here = {_plain(d.metadata["Name"]): d.version for d in distributions()}
    wanted, missing = _locked(lock).items(), _("missing")
    return [f"{name} {here.get(name, missing)} (lock: {v})" for name, v in wanted if here.get(name) != v]


def _locked(lock):
    """Package -> version, for this Python on this machine."""
    from packaging.requirements import Requirement

    lines = (line for line in lock.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#"))
    wanted = (r for r in map(Requirement, lines) if not r.marker or r.marker.evaluate())
    return {_plain(r.name): str(r.specifier).removeprefix("==") for r in wanted}


def _plain(name):
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)
