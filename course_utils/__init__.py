"""The course's library: plots, experiments, and exercises that are checked on the spot.

The public names load on first use, so that `import course_utils` itself costs almost nothing:
it loads neither NumPy nor Matplotlib nor TensorFlow.
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_HOME = {
    "check": "learner.check",
    "hint": "learner.help",
    "progress": "learner.help",
    "review": "learner.help",
    "solution": "learner.help",
    "setup": "learner.setup",
    "doctor": "environment.requirements",
    "predict": "learner.questions",
    "predictions": "learner.questions",
    "quiz": "learner.questions",
    "reveal": "learner.questions",
    "ACTIVATIONS": "activations",
}
_MODULES = {
    "activations": "activations",
    "experiments": "experiments",
    "figures": "plotting.descriptions",
    "gallery": "plotting.gallery",
    "plotting": "plotting",
    "widgets": "plotting.widgets",
}

__all__ = sorted([*_HOME, *_MODULES])


def load(module: str) -> ModuleType:
    """A module of the course, by its name inside the package.

    What raises AttributeError while it is imported raises ImportError here: Python would take the other for a name that isn't
    there, and `from course_utils import ...` would say no more than that.
    """
    try:
        return import_module(f"course_utils.{module}")
    except AttributeError as error:
        from course_utils.texts import _

        sentence = _("course_utils.{module} can't be loaded: {error}. The command `course doctor` says more.")
        raise ImportError(sentence.format(module=module, error=error)) from error


def __getattr__(name):
    if name in _HOME:
        return getattr(load(_HOME[name]), name)
    if name in _MODULES:
        return load(_MODULES[name])
    raise AttributeError(f"module 'course_utils' has no attribute {name!r}; it offers: {', '.join(__all__)}")


def __dir__():
    return [*globals(), *__all__]
