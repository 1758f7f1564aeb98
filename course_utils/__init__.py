"""The course's library: plots, experiments, and exercises that are checked on the spot.

The public names load on first use, so that `import course_utils` itself costs almost nothing:
it loads neither NumPy nor Matplotlib nor TensorFlow.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "check": "checking.check",
    "hint": "learning",
    "progress": "learning",
    "review": "learning",
    "solution": "learning",
    "setup": "notebook",
    "doctor": "environment",
    "predict": "questions",
    "predictions": "questions",
    "quiz": "questions",
    "reveal": "questions",
    "ACTIVATIONS": "activations",
}
_MODULES = ("activations", "experiments", "figures", "gallery", "plotting", "widgets")

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"course_utils.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"course_utils.{name}")
    raise AttributeError(f"module 'course_utils' has no attribute {name!r}; it offers: {', '.join(__all__)}")


def __dir__():
    return [*globals(), *__all__]
