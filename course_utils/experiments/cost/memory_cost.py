"""What activations cost in memory: the arrays that have to be kept until the gradient comes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import ACTIVATIONS
from course_utils.plotting.style import BLUE, ORANGE, new_axes, styled
from course_utils.texts import _

SAME = ("Identity", "IdentityN")  # operations that hand on an array without making a new one
SHAPE = (4, 5)  # any shape that none of an activation's constants has


@dataclass(frozen=True)
class ActivationMemory:
    """How many arrays as large as the input each activation keeps for its slope.

    Args:
        kept: activation's name -> how many.
        result_kept: activation's name -> whether its own result is one of them.
    """

    kept: dict
    result_kept: dict

    @property
    def extra(self) -> dict[str, int]:
        """Activation's name -> how many besides its result, which the next layer keeps in any case."""
        return {name: count - self.result_kept[name] for name, count in self.kept.items()}

    def table(self) -> pd.DataFrame:
        """What each activation keeps besides its result: nothing, one more array, or several; in this order."""
        words = (_("nothing"), _("one more array"), _("several"))
        rows = {name: words[min(n, 2)] for name, n in sorted(self.extra.items(), key=lambda one: min(one[1], 2))}
        return pd.DataFrame({_("besides its result"): rows}).rename_axis(_("activation"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """The number of arrays as bars: the result at the bottom, other kept arrays on top."""
        return _plot(self, ax)


def activation_memory(names: Sequence[str | Callable] = tuple(ACTIVATIONS)) -> ActivationMemory:
    """Count what activations keep, by reading TensorFlow's graph of the slope; nothing is worked out.

    An array counts when it was made on the way forward, is as large as the input, and is read on the way back. XLA, a
    compiler that `jit_compile=True` calls, may work some of them out again in place of keeping them.

    Args:
        names: of catalogue entries that Keras has, or functions of a tensor.

    Returns:
        `ActivationMemory`.
    """
    counts = {_name(name): kept_arrays(_function(name)) for name in names}
    kept, result_kept = ({name: count[part] for name, count in counts.items()} for part in (0, 1))
    return ActivationMemory(kept, result_kept)


def kept_arrays(function: Callable) -> tuple[int, bool]:
    """How many arrays of the input's shape the slope of a function needs.

    Args:
        function: of a tensor, elementwise.

    Returns:
        (count, whether the function's own result is one of them).
    """
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, SHAPE)
        y = tf.identity(function(x))
        forward = {output.name for operation in graph.get_operations() for output in operation.outputs}
        (slope,) = tf.gradients(y, x, grad_ys=tf.compat.v1.placeholder(tf.float32, SHAPE))
        read = {_made(tensor).name for tensor in _read_on_the_way_back(slope, forward) if tensor.shape == SHAPE}
        return len(read), _made(y).name in read


def _read_on_the_way_back(slope, forward):
    """The tensors kept for the backward pass; TensorFlow leaves out those that the slope doesn't need."""
    todo, done, read = [slope], set(), []
    while todo:
        tensor = todo.pop()
        if tensor.name in forward:
            read.append(tensor)
        elif tensor.op.name not in done:
            done.add(tensor.op.name)
            todo += tensor.op.inputs
    return read


def _made(tensor):
    """The tensor that this one is, behind operations that only hand it on."""
    while tensor.op.type in SAME:
        tensor = tensor.op.inputs[tensor.value_index]
    return tensor


def _name(chosen):
    return chosen if isinstance(chosen, str) else chosen.__name__


def _function(chosen):
    if not isinstance(chosen, str):
        return chosen
    entry = ACTIVATIONS[chosen]
    function = keras.activations.get(entry.keras_name)
    return lambda x: function(x, **entry.keras_arguments)


@styled
def _plot(result, ax):
    ax = new_axes(height=4.6) if ax is None else ax
    names = sorted(result.kept, key=lambda name: (result.extra[name], result.kept[name]))
    own = np.array([int(result.result_kept[name]) for name in names])
    ax.bar(names, own, color=BLUE, label=_("its result"))
    ax.bar(names, [result.extra[name] for name in names], bottom=own, color=ORANGE, hatch="//", label=_("besides it"))
    ax.set(ylabel=_("arrays kept"))
    ax.set_axisbelow(True)
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.tick_params(axis="x", rotation=90)
    ax.legend()
    return ax
