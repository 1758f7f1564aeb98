"""Questions to the catalogue: which entry has this name, where its curve bends, where it is nearly flat."""

import difflib

import numpy as np
from numpy.typing import ArrayLike

from course_utils.activations.catalogue import ACTIVATIONS, ALIASES, Activation

_GRID = np.linspace(-10.0, 10.0, 2001)  # where `saturated` looks for the largest slope


def get(activation: str | Activation) -> Activation:
    """The entry with this name, or the entry itself.

    Args:
        activation: A name of `ACTIVATIONS` or `ALIASES`, or an Activation (also one of your own), which is handed back.

    Returns:
        The entry.

    Raises:
        ValueError: The name is unknown, or it is neither a name nor an Activation.

    >>> get("swish").title
    'SiLU'
    """
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str):
        got = f"{activation!r} ({type(activation).__name__})"
        raise ValueError(f"activation must be a name such as 'relu', or an Activation. Got {got}.")
    name = ALIASES.get(activation, activation)
    if name not in ACTIVATIONS:
        raise ValueError(f"Unknown activation '{activation}'. {_suggestion(activation)}")
    return ACTIVATIONS[name]


def _suggestion(name: str) -> str:
    """What to write in place of an unknown name."""
    if name in ("softmax", "log_softmax"):
        return f"It works on whole rows, so it isn't in the catalogue: call `{name}` of course_utils.activations."
    near = difflib.get_close_matches(name.lower(), [*ACTIVATIONS, *ALIASES], n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Choose one of: {', '.join(ACTIVATIONS)}."


def kinks_at(activation: str | Activation, **parameters: object) -> tuple[float, ...]:
    """The x where the slope or the value jumps when `f` is called with these parameters.

    Looks closely at 0, at the entry's own kinks and at every x that is the value of a parameter.

    Args:
        activation: A name or an Activation.
        **parameters: As for `f`; what isn't given has its default.

    Returns:
        The positions, ascending; with the defaults these are `activation.kinks`.

    Raises:
        ValueError: The name is unknown.

    >>> kinks_at("relu", threshold=1.0, max_value=4.0)
    (1.0, 4.0)
    >>> kinks_at("elu"), kinks_at("elu", alpha=2.0)
    ((), (0.0,))
    """
    activation = get(activation)
    values = {**activation.parameters, **parameters}.values()
    candidates = sorted({0.0, *activation.kinks, *(float(value) for value in values if value is not None)})

    def jumps(x: float) -> bool:
        sides = x + 1e-9 * max(1.0, abs(x)) * np.array([-1.0, 1.0])
        return any(abs(np.diff(function(sides, **parameters))[0]) > 1e-6 for function in (activation.f, activation.df))

    return tuple(x for x in candidates if jumps(x))


def saturated(activation: str | Activation, x: ArrayLike, *, share: float = 0.05, **parameters: object) -> np.ndarray:
    """Where the curve is nearly flat, `abs(df(x)) <= share * max(abs(df))`.

    The largest slope is looked for on 2001 points in [-10, 10]. Flat is meant literally: the bottom of GELU's dip
    counts too, and linear, whose slope is the same everywhere, is nowhere saturated.

    Args:
        activation: A name or an Activation.
        x: Numbers of any shape.
        share: Part of the largest slope under which the curve counts as flat, from 0 to 1, no unit.
        **parameters: As for `f`.

    Returns:
        Booleans with the shape of x; False where x is nan.

    Raises:
        ValueError: The name is unknown.

    >>> saturated("sigmoid", [-6, -4, 0, 4, 6])
    array([ True, False, False, False,  True])
    """
    df = get(activation).df
    return np.abs(df(x, **parameters)) <= share * np.max(np.abs(df(_GRID, **parameters)))
