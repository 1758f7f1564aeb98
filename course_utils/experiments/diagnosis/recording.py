"""What ran when a Keras model was called once: each layer and each operation, with what went in and what came out.

What a model does can't be read off its configuration: layers are called in a `call` of the reader's own, twice, or not at
all. So nothing is guessed: Keras's one entrance to all layers and operations is watched while the model runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

SUMS = (
    keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D,
    keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)  # fmt: skip  # layers that end in `activation(sum)`


@dataclass(eq=False)
class Call:
    """One call of a layer or of an operation.

    Args:
        part: the `keras.Layer` or `keras.Operation`.
        args, kwargs: what it was called with.
        children: the calls that were made inside this one, in their order.
        activated: (function, sum, value) for each time that a layer of `SUMS` called its activation.
        result: what it gave; None while it runs.
        hidden: whether a part of it ran compiled, where no values can be seen.
    """

    part: Any
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    children: list = field(default_factory=list)
    activated: list = field(default_factory=list)
    result: Any = None
    hidden: bool = False

    @property
    def inputs(self) -> list:
        """The tensors that went in."""
        return tensors((self.args, self.kwargs))

    @property
    def results(self) -> list:
        """The tensors that came out."""
        return tensors(self.result)

    def everything(self) -> Iterator["Call"]:
        """This call and all that were made inside it."""
        yield self
        for child in self.children:
            yield from child.everything()


class Recorder:
    """Watches Keras while a model runs.

    Args:
        unbuilt: the layer that had no weights yet when it was called; None if all had.
    """

    def __init__(self):
        self.unbuilt = None
        self._stack = [Call(None)]

    @property
    def call(self) -> Call:
        """The outermost call that was seen."""
        return self._stack[0].children[0]

    @contextmanager
    def watching(self) -> Iterator["Recorder"]:
        """Inside, calls are recorded."""
        enter_layer, enter_operation = keras.Layer.__call__, keras.Operation.__call__

        def built_layers_only(layer, *args, **kwargs):
            if not layer.built and type(layer).build is not keras.Layer.build:
                self.unbuilt = layer
                raise ValueError(layer.name)
            return enter_layer(layer, *args, **kwargs)

        def recorded(part, *args, **kwargs):
            return self._record(part, lambda *a, **k: enter_operation(part, *a, **k), args, kwargs)

        keras.Layer.__call__, keras.Operation.__call__ = built_layers_only, recorded
        try:
            yield self
        finally:
            keras.Layer.__call__, keras.Operation.__call__ = enter_layer, enter_operation

    def _record(self, part, function, args, kwargs):
        if not tf.executing_eagerly() or any(
            isinstance(t, keras.KerasTensor) for t in keras.tree.flatten((args, kwargs))
        ):
            self._stack[-1].hidden = True
            return function(*args, **kwargs)
        call = Call(part, args, kwargs)
        self._stack[-1].children.append(call)
        self._stack.append(call)
        try:
            with self._inside(call):
                call.result = function(*args, **kwargs)
        finally:
            self._stack.pop()
        return call.result

    @contextmanager
    def _inside(self, call):
        """What Keras calls past its entrance: the activation of a sum, and the layer in a TimeDistributed.

        Put past Keras's own bookkeeping, which takes a changed attribute for new state.
        """
        part, replaced = call.part, None
        if isinstance(part, SUMS) and callable(vars(part).get("activation")):
            replaced = (part, "activation", self._activation(part.activation, call))
        elif isinstance(part, keras.layers.TimeDistributed):
            inner = part.layer
            replaced = (inner, "call", lambda *a, run=inner.call, **k: self._record(inner, run, a, k))
        if replaced is None:
            yield
            return
        owner, name, stand_in = replaced
        kept = {name: vars(owner)[name]} if name in vars(owner) else {}
        vars(owner)[name] = stand_in
        try:
            yield
        finally:
            del vars(owner)[name]
            vars(owner).update(kept)

    def _activation(self, function, call):
        def watched(z):
            value = function(z)
            if tf.executing_eagerly():
                call.activated.append((function, z, value))
            return value

        return watched


def tensors(structure: Any) -> list:
    """The dense tensors with values in a structure.

    Args:
        structure: lists, tuples and dicts of anything.

    Returns:
        A list of tensors.
    """
    return [part for part in keras.tree.flatten(structure) if isinstance(part, tf.Tensor) and hasattr(part, "numpy")]


def is_float(tensor: tf.Tensor) -> bool:
    """Whether a tensor holds floats, of any length."""
    return tensor.dtype.is_floating


def same(one: tf.Tensor, other: tf.Tensor) -> bool:
    """Whether two tensors are one, or one was made of the other by a change of its type or shape alone.

    Two tensors of one type and shape that only agree in their values were computed: on other inputs they may not agree.

    Args:
        one, other: tensors with values.

    Returns:
        bool.
    """
    if one is other:
        return True
    alike = (one.dtype, one.shape) == (other.dtype, other.shape)
    if alike or tf.size(one) != tf.size(other) or tf.string in (one.dtype, other.dtype):
        return False
    one, other = (np.ravel(part) for part in (one, other))
    return np.array_equal(one.astype(other.dtype), other) or np.array_equal(other.astype(one.dtype), one)
