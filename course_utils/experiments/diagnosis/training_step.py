"""One training step of a model up to its gradients, watched, and without the step: nothing in the model changes."""

from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from course_utils.experiments.diagnosis.recording import Recorder


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
        self._weights = [tf.convert_to_tensor(v.value) for v in model.trainable_variables]

    @contextmanager
    def without_consequences(self):
        """Inside, whatever is written into the model's variables is forgotten afterwards."""
        state = list(zip(self.model.trainable_variables, self._weights, strict=True))
        with keras.StatelessScope(state_mapping=state, collect_losses=True):
            yield

    def run(self, x, y=None):
        """Run the model as `fit` does, and work out the gradients of its loss if there are answers."""
        training = {"training": True} if getattr(self.model, "_call_has_training_arg", True) else {}
        with tf.GradientTape(persistent=True) as tape, self.without_consequences():
            tape.watch(self._weights)
            with self.recorder.watching():
                said = self.model(x, **training)
            if y is not None:
                loss = tf.convert_to_tensor(self.model.compute_loss(x=x, y=y, y_pred=said))
        if y is not None:
            found = self._gradients(tape, loss)
            self.gradients = dict(zip(map(id, self.model.trainable_variables), found, strict=True))

    def _gradients(self, tape, loss):
        """Training in float16 multiplies the loss, lest small gradients become 0, and by less where large ones overflow."""
        optimizer, scale = getattr(self.model, "optimizer", None), 1.0
        if hasattr(optimizer, "scale_loss"):
            scale = float(optimizer.scale_loss(tf.ones(())))
        while True:
            start = tf.cast(scale, loss.dtype)
            found = tape.gradient(loss, self._weights, output_gradients=start, unconnected_gradients="zero")
            found = [np.asarray(tf.convert_to_tensor(g)).astype(float) / scale for g in found]
            if scale <= 1 or all(np.isfinite(g).all() for g in found):
                return found
            scale /= 2
