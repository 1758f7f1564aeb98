"""The command `course`. Exit codes: 0 done, 1 something was found wrong, 2 wrong usage."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_utils.texts import _

# JupyterLab would ask the network for news and updates, and the reader whether it may.
OFFLINE = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)
LAB_SETTINGS = (
    Path(__file__).parent / "learner" / "jupyterlab"
)  # else JupyterLab asks even then whether it may fetch its news


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `course`.

    Args:
        arguments: list of str, or None for the command line's.

    Returns:
        The exit code.
    """
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.run is _lab:
        return _lab(rest)
    if rest:
        parser.error(_("unrecognized arguments: {names}").format(names=" ".join(rest)))
    return chosen.run(chosen)


def _parser():
    parser = argparse.ArgumentParser(
        prog="course", description=_("The course on activation functions: open, build and grade it.")
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_lab(commands)
    _add_build(commands)
    _add_grade(commands)
    _add_release(commands)
    _add_progress(commands)
    _add_check_bank(commands)
    _add_publish_as(commands)
    _add_doctor(commands)
    return parser


def _add_lab(commands):
    words = _("Open the course in JupyterLab. Other options are passed on to it, for example --no-browser.")
    commands.add_parser("lab", help=_("open the course in JupyterLab"), description=words).set_defaults(run=_lab)


def _add_build(commands):
    build = commands.add_parser(
        "build",
        help=_("make the notebooks from their sources"),
        description=_(
            "Make the notebooks of some chapters, or of all, from their sources. A notebook is executed where its code, "
            "the code that it loads, or the environment is not as it was when this machine executed it last."
        ),
    )
    build.add_argument("chapters", nargs="*", metavar="CHAPTER", help=_("for example 02_sigmoid; none means all"))
    how = build.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help=_("execute nothing; name every made file that is out of date")
    )
    how.add_argument("--execute", action="store_true", help=_("execute every notebook, whatever is as it was"))
    how.add_argument(
        "--keep-outputs",
        action="store_true",
        help=_(
            "keep the outputs of each notebook whose code cells are the stored ones, e.g. to mend a sentence on a machine "
            "whose pictures would come out a little differently"
        ),
    )
    build.set_defaults(run=_build)


def _add_grade(commands):
    grade = commands.add_parser(
        "grade",
        help=_("grade a folder of submissions"),
        description=_(
            "Grade submissions. SUBMITTED holds <student>/<chapter>.ipynb, or nbgrader's "
            "<student>/<assignment>/<chapter>.ipynb, or is what Moodle, Canvas, Blackboard, Brightspace or Gradescope let you "
            "download, unpacked or as the zip file that it is. Nothing of a submission runs in the grader's own process."
        ),
    )
    grade.add_argument("submitted", type=Path, metavar="SUBMITTED", help=_("the folder with the submissions"))
    grade.add_argument("--out", type=Path, required=True, metavar="OUT", help=_("the folder for the results"))
    grade.add_argument("--jobs", type=_at_least_one, metavar="N", help=_("submissions at a time (default: one a core)"))
    grade.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help=_(
            "processor time for one exercise (default: 10); a submission that sleeps, or waits for a busy machine, "
            "may take ten times as long by the clock"
        ),
    )
    grade.add_argument(
        "--isolation",
        choices=("auto", "bubblewrap", "process"),
        default="auto",
        help=_(
            "how submissions are contained; auto takes the strongest that works here and says what it does not contain"
        ),
    )
    grade.add_argument(
        "--overrides",
        type=Path,
        metavar="FILE",
        help=_(
            "your own marks, a CSV with the columns student,exercise,points,reason (default: OUT/overrides.csv, if there)"
        ),
    )
    grade.add_argument(
        "--chapters",
        nargs="+",
        default=(),
        metavar="CHAPTER",
        help=_("for example 02_sigmoid; what is graded (default: every chapter that anybody handed in)"),
    )
    grade.add_argument(
        "--nbgrader",
        type=Path,
        metavar="COURSE",
        help=_("put the marks into the gradebook of this nbgrader course, too"),
    )
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help=_("let the workers of this Dask scheduler do the work, e.g. tcp://host:8786"),
    )
    grade.set_defaults(run=_grade)


def _add_release(commands):
    release = commands.add_parser(
        "release",
        help=_("make the hand-out for a class"),
        description=_(
            "Write the exercise notebooks and what they need into OUT, without the solutions, and say what a "
            "student can still find there. OUT is a new or an empty folder, or an earlier hand-out, which is replaced."
        ),
    )
    release.add_argument("out", type=Path, metavar="OUT", help=_("the folder for the hand-out"))
    release.add_argument(
        "--chapters", nargs="+", default=(), metavar="CHAPTER", help=_("for example 02_sigmoid (default: all)")
    )
    release.add_argument(
        "--without-check", action="store_true", help=_("leave the references out, and so the instant check")
    )
    release.set_defaults(run=_release)


def _add_progress(commands):
    words = _("Show which exercises are done. The history stays in your own data folder; nothing is sent anywhere.")
    progress = commands.add_parser("progress", help=_("show which exercises are done"), description=words)
    progress.add_argument("--export", type=Path, metavar="FILE", help=_("save the whole history to this JSON file"))
    progress.set_defaults(run=_progress)


def _add_check_bank(commands):
    words = _(
        "Judge the bank of answers in tests/bank: print for each exercise, and in total, how many wrong answers are rejected, "
        "right ones accepted, hints given for their misconception, and mutations of the right answer noticed."
    )
    bank = commands.add_parser("check-bank", help=_("test the checker on the bank of answers"), description=words)
    bank.add_argument("exercises", nargs="*", metavar="EXERCISE", help=_("for example sigmoid; none means all"))
    bank.set_defaults(run=_check_bank)


def _add_doctor(commands):
    words = _("Say what works here and what to do where something doesn't. Exit code 1 if a chapter can't run.")
    commands.add_parser("doctor", help=_("say what works here"), description=words).set_defaults(run=_doctor)


def _add_publish_as(commands):
    words = _("Rewrite every badge and link for another repository on GitHub. Nothing is executed and nothing is sent.")
    publish = commands.add_parser("publish-as", help=_("rewrite badges and links for a fork"), description=words)
    publish.add_argument("repository", metavar="OWNER/NAME", help=_("for example ada/activation-functions"))
    publish.set_defaults(run=_publish_as)


def _at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(_("expected a whole number from 1 on, got {text}").format(text=text))
    return number


def _seconds(text):
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(_("expected a number of seconds above 0, got {text}").format(text=text))
    return number


def _root():
    """The repository: the working directory or one above it, else the one that the package stands in."""
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[1]):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    return None


def _fail(message, code=2):
    print(f"course: {message}", file=sys.stderr)
    return code


def _lab(options):
    root = _root()
    if root is None:
        return _fail(_("no notebooks here; run `course lab` in the course's folder."))
    try:
        import jupyterlab  # noqa: F401
    except ImportError:
        return _fail(_("JupyterLab is not installed here; `make lab` sets everything up."))
    first = sorted(root.glob("workbooks/*.ipynb"))[0]
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # usual in containers
    command = ["-m", "jupyterlab", f"--ServerApp.root_dir={root}", *OFFLINE, *as_root, str(first), *options]
    os.environ |= lab_environment(os.environ)
    os.execv(sys.executable, [sys.executable, *command])


def lab_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What JupyterLab has to find in its environment so that it asks nothing."""
    return {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [environ.get("JUPYTER_CONFIG_PATH"), str(LAB_SETTINGS)]))
    }


def _build(chosen):
    root = _root()
    if root is None:
        return _fail(_("no sources here; run `course build` in the course's repository."))
    # Without this, the import of nbformat builds 38 grammars of web addresses, a third of a build, which no notebook needs.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        from course_utils.building import build
    except ImportError as error:
        sentence = _("building needs {name}; install it with: pip install 'course-utils[build]'")
        return _fail(sentence.format(name=error.name))
    try:
        if chosen.check:
            stale = build.check(root)
            print("\n".join(stale) if stale else _("Every made file agrees with its source."))
            return 1 if stale else 0
        made = build.build(root, chosen.chapters, execute_all=chosen.execute, keep_outputs=chosen.keep_outputs)
        for path, executed in made:
            print(path.relative_to(root), *([_("executed")] if executed else []), flush=True)
    except build.BuildError as error:
        return _fail(error, code=1)
    except ValueError as error:
        return _fail(error)
    return 0


def _grade(chosen):
    from course_utils.grading.grade import grade

    return grade(
        chosen.submitted,
        chosen.out,
        jobs=chosen.jobs,
        timeout=chosen.timeout,
        isolation=chosen.isolation,
        overrides=chosen.overrides,
        nbgrader=chosen.nbgrader,
        chapters=chosen.chapters,
        scheduler=chosen.scheduler,
    )


def _release(chosen):
    root = _root()
    if root is None:
        return _fail(_("no course here; run `course release` in its repository."))
    from course_utils.releasing.release import ReleaseError, release

    try:
        print("\n".join(release(root, chosen.out, chosen.chapters, check=not chosen.without_check).sentences))
    except ReleaseError as error:
        return _fail(error)
    return 0


def _progress(chosen):
    from course_utils.learner.help import progress

    try:
        print(progress(export=chosen.export))
    except OSError as error:
        sentence = _("{path} can't be written: {reason}")
        return _fail(sentence.format(path=chosen.export, reason=error.strerror), code=1)
    return 0


def _check_bank(chosen):
    root = _root()
    if root is None or not (root / "tests" / "bank").is_dir():
        return _fail(_("no bank of answers here; run `course check-bank` in the course's repository."))
    from course_utils.learner.check import UnknownExercise, exercise_of

    try:
        names = [exercise_of(name).name for name in chosen.exercises]
    except UnknownExercise as error:
        return _fail(error)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if str(root / "tests") not in sys.path:
        sys.path.append(str(root / "tests"))
    from bank.score import report

    return 1 if report(names, say=lambda line: print(line, flush=True)) else 0


def _publish_as(chosen):
    root = _root()
    if root is None:
        return _fail(_("no course here; run `course publish-as` in its repository."))
    from course_utils.releasing.badges_and_colab import publish_as

    try:
        changed = publish_as(root, chosen.repository)
    except ValueError as error:
        return _fail(error)
    print("\n".join(map(str, changed)) if changed else _("Every badge and link says so already."))
    return 0


def _doctor(chosen):
    from course_utils.environment.trial import examine

    health = examine(_root())
    print(health.report())
    return 0 if health.fine else 1
