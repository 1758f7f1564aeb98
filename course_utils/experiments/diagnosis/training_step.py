"""One training step of a model up to its gradients, watched, and without the step: nothing in the model changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from course_utils.experiments.diagnosis.recording import Recorder
from course_utils.texts import _

WORDS = {
    "loss": _("The loss can't compare y of shape {answers} with what the model gives, of shape {said} ({error})."),
    "gradients": _(
        "TensorFlow can't work out this model's gradients outside a compiled step ({error}). Leave y out, and see all but the"
        " gradients."
    ),
}


class Step:
    """A model on a batch.

    Args:
        model: a built `keras.Model`.

    Attributes:
        recorder: what ran.
        gradients: of each trainable weight by its id, as float64; empty until `run` was given answers.
    """

    def __init__(self, model):
        self.model, self.recorder, self.gradients = model, Recorder(), {}

    @contextmanager
    def without_consequences(self) -> Iterator[None]:
        """Inside, the model runs as in training; afterwards its variables hold what they held before."""
        before = [(v, v.numpy()) for v in self.model.variables]  # moving averages, random states, normalised kernels
        try:
            yield
        finally:
            for variable, value in before:
                if variable.numpy().tobytes() != value.tobytes():
                    variable.assign(value)

    def run(self, x: Any, y: Any = None) -> None:
        """Run the model as `fit` does, and work out the gradients of its loss if there are answers; `without_consequences`."""
        training = {"training": True} if getattr(self.model, "_call_has_training_arg", True) else {}
        with tf.GradientTape(persistent=True) as tape:
            weights = [v.value for v in self.model.trainable_variables]
            tape.watch(weights)
            with self.recorder.watching():
                said = self.model(x, **training)
            if y is not None:
                loss = tf.convert_to_tensor(self._loss(x, y, said))
        if y is not None:
            try:
                found = self._gradients(tape, loss, weights)
            except Exception as error:
                why = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
                raise ValueError(WORDS["gradients"].format(error=why)) from error
            self.gradients = dict(zip(map(id, self.model.trainable_variables), found, strict=True))

    def _loss(self, x, y, said):
        try:
            return self.model.compute_loss(x=x, y=y, y_pred=said)
        except Exception as error:
            shapes = [", ".join(str(tuple(t.shape)) for t in tf.nest.flatten(part)) for part in (y, said)]
            why = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
            raise ValueError(WORDS["loss"].format(answers=shapes[0], said=shapes[1], error=why)) from error

    def _gradients(self, tape, loss, weights):
        """Training in float16 multiplies the loss, lest small gradients become 0, and by less where large ones overflow."""
        optimizer, scale = getattr(self.model, "optimizer", None), 1.0
        if hasattr(optimizer, "scale_loss"):
            scale = float(optimizer.scale_loss(tf.ones(())))
        while True:
            start = tf.cast(scale, loss.dtype)
            found = tape.gradient(loss, weights, output_gradients=start, unconnected_gradients="zero")
            found = [np.asarray(tf.convert_to_tensor(g)).astype(float) / scale for g in found]
            if scale <= 1 or all(np.isfinite(g).all() for g in found):
                return found
            scale /= 2
