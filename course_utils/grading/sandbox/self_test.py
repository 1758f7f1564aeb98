"""Finds out by trying which layers of isolation contain a submission on this machine."""

from course_utils.grading.grading_messages import LAYERS
from course_utils.grading.sandbox.bubblewrap import LEVELS
from course_utils.grading.sandbox.isolation import opened
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.sandbox.session import LIMITS

COUNTED = ("RLIMIT_CPU", "RLIMIT_NPROC")  # limits whose value depends on the submission or the machine


def layers() -> tuple[tuple[str, str, str], ...]:
    """Try every layer.

    Returns:
        For each layer: (its name, what is in force, "" or a sentence that says what is missing and what to do).
    """
    best, reason = _best()
    if best is None:
        return ((LAYERS["name"], "", LAYERS["nothing"].format(reason=reason)),)
    return (
        (LAYERS["name"], best.isolation, LAYERS["weaker"].format(reason=reason.rstrip(".")) if reason else ""),
        (LAYERS["user"], *_user(best)),
        (LAYERS["start"], *((LAYERS["forked"], "") if best.warm else ("", LAYERS["one_by_one"]))),
        (LAYERS["limits"], *_limits()),
    )


def _best():
    """The best way to run submissions here, and why no better one works; None if none works."""
    reasons = []
    for level in LEVELS:
        try:
            with opened(level) as processes:
                return processes, "".join(reasons[:1])
        except CannotStart as reason:
            reasons.append(str(reason))
    return None, reasons[-1]


def _user(best):
    if best.own_users:
        return LAYERS["own_user"], ""
    return (LAYERS["no_right"], "") if best.isolation == "bubblewrap" else ("", LAYERS["same_user"])


def _limits():
    try:
        import resource
    except ImportError:
        return LAYERS["limits_of_time"], LAYERS["no_limits"]
    lacking = [name for name in (*LIMITS, *COUNTED) if not hasattr(resource, name)]
    return LAYERS["all_limits"], LAYERS["some_limits"].format(names=", ".join(lacking)) if lacking else ""
