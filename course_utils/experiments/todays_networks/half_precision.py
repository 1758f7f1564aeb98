"""Gradients in 16 bits: how many of them become 0, and what a larger loss does about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import tensorflow as tf

from course_utils.experiments.todays_networks.residual import KINDS, SHOWN
from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.stacked import cross_entropies, new_stack
from course_utils.plotting.descriptions import outwards
from course_utils.texts import _

IMAGES = 64


@dataclass(frozen=True)
class Float16Gradients:
    """The entries of gradients that were worked out in float16.

    Args:
        kinds: names out of `residual.KINDS`.
        scales: what the loss was multiplied by.
        zeros: (kinds, scales, seeds) share of entries that are 0.
        not_finite: (kinds, scales, seeds) share of entries that are infinite or not a number.
        zeros_in_float32: (kinds, seeds) share of entries that are 0 in float32.
    """

    kinds: tuple[str, ...]
    scales: tuple[float, ...]
    zeros: np.ndarray
    not_finite: np.ndarray
    zeros_in_float32: np.ndarray

    def table(self) -> pd.DataFrame:
        """A row for each kind: the share of zeros in float32, and in float16 for each scale, outwards to fifths."""
        columns = {_("float32"): [_band(zeros) for zeros in self.zeros_in_float32]}
        for place, scale in enumerate(self.scales):
            name = _("float16, loss x {scale:g}").format(scale=scale)
            columns[name] = [
                _("{zeros} (overflow)").format(zeros=_band(zeros[place])) if lost[place].any() else _band(zeros[place])
                for zeros, lost in zip(self.zeros, self.not_finite, strict=True)
            ]
        return pd.DataFrame(columns, index=pd.Index(self.kinds, name=_("network")))


def half_gradients(
    kinds: Sequence[str] = SHOWN,
    *,
    scales: Sequence[float] = (1.0, 1024.0),
    activation: str | Callable = "gelu",
    depth: int = 20,
    width: int = 32,
    seeds: Sequence[int] = range(3),
) -> Float16Gradients:
    """Work out the gradients of untrained deep networks in float16, with the loss multiplied by several numbers.

    As Keras's policy "mixed_float16" does: the weights stay float32, the layers compute in float16 (the
    normalisation, as Keras's layers for it, in float32), and the loss is worked out in float32.

    Args:
        kinds: names out of `residual.KINDS`.
        scales: what the loss is multiplied by before the gradient is taken.
        activation, depth, width: of the networks, as for `deep_start`.
        seeds: ints; one network each.

    Returns:
        `Float16Gradients`.

    Source: Micikevicius and others 2018, Mixed precision training, ICLR, sections 3.1 and 3.2.
    """
    zeros, lost, full = [], [], []
    for kind in kinds:
        stack = new_stack(activation, seeds=seeds, depth=depth, width=width, **KINDS[kind])
        halves = [_gradients(stack, tf.float16, scale) for scale in scales]
        zeros.append([(g == 0).mean(axis=1) for g in halves])
        lost.append([(~np.isfinite(g)).mean(axis=1) for g in halves])
        full.append((_gradients(stack, tf.float32, 1.0) == 0).mean(axis=1))
    return Float16Gradients(tuple(kinds), tuple(scales), np.array(zeros), np.array(lost), np.array(full))


def _gradients(stack, dtype, scale):
    """(networks, entries) the gradients of the hidden layers' kernels but the first, all in one row for each network."""
    x, y, _x, _y = digits()
    with tf.GradientTape() as tape:
        kernels, biases = ([tf.cast(v, dtype) for v in part] for part in (stack.kernels, stack.biases))
        normalise = stack.normalise and (lambda h: tf.cast(stack.normalise(tf.cast(h, tf.float32)), dtype))
        halves = replace(stack, kernels=kernels, biases=biases, normalise=normalise)
        logits = tf.cast(halves.sums(x[:IMAGES])[-1], tf.float32)
        loss = scale * cross_entropies(y[:IMAGES], logits)
    gradients = tape.gradient(
        loss, stack.kernels[1:-1]
    )  # pixels that are 0 in each picture give the first kernel zeros
    return np.concatenate([tf.reshape(g, [g.shape[0], -1]) for g in gradients], axis=1)


def _band(shares):
    low, high = outwards(shares, 0.2)
    fields = {"low": low, "high": high}
    return (_("{low:.1f} to {high:.1f}") if high > 0.2 else _("under 0.2")).format(**fields)
