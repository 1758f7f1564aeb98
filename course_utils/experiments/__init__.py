"""Experiments that a chapter runs: functions that return result objects with plain arrays and `.plot(ax=None)`."""

from importlib import import_module

_HOME = {
    "gradient_flow": "gradients",
    "plot_gradient_flows": "gradients",
    "train_on_digits": "training",
    "plot_trainings": "training",
    "binary_losses": "losses",
    "every_float": "precision",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"course_utils.experiments.{_HOME[name]}"), name)
    raise AttributeError(
        f"module 'course_utils.experiments' has no attribute {name!r}; it offers: {', '.join(__all__)}"
    )


def __dir__():
    return [*globals(), *__all__]
