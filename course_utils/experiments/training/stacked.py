"""Several networks of one shape, trained side by side in one graph: five seeds take a third of the time of five graphs.

The networks don't touch each other. A kernel of the stack holds one kernel for each network, their losses are added, so
each network gets the gradient of its own loss, and SGD and Adam update each weight by itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from course_utils.experiments.training.digits import BATCH
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.networks import digits, plain_network, right_answers

SECOND_KERNELS = 1000  # what is added to a seed for a gated unit's second kernel
NO_SLOPE = 1e-6  # what is below, rounding may have left of a 0, or made of it


@dataclass(frozen=True)
class Stack:
    """Several dense networks of one shape.

    Args:
        activation: of the hidden layers, tensor in, tensor of the same shape out.
        kernels: `tf.Variable`s of shape (networks, inputs, units), the layer next to the input first; all of one dtype.
        biases: `tf.Variable`s of shape (networks, 1, units).
        skip: whether each hidden layer after the first adds its output to its input: a residual connection.
        normalise: what each layer after the first does with its input before it multiplies by its kernel, a function of
            tensors, or None.
    """

    activation: Callable
    kernels: list
    biases: list
    skip: bool = False
    normalise: Callable | None = None

    @property
    def variables(self) -> list[tf.Variable]:
        """All weights, kernels first."""
        return [*self.kernels, *self.biases]

    def sums(self, x: ArrayLike) -> list[tf.Tensor]:
        """What each layer hands to its activation; the last one are the logits.

        Args:
            x: numbers of shape (n, 64), the same for all networks, or (networks, n, 64).

        Returns:
            A tensor of shape (networks, n, units) for each layer.
        """
        h, sums = tf.cast(x, self.kernels[0].dtype), []
        h = h if len(h.shape) == 3 else tf.tile(h[None], [self.kernels[0].shape[0], 1, 1])
        for place, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            normalised = self.normalise(h) if place and self.normalise else h
            sums.append(normalised @ kernel + bias)
            if place < len(self.kernels) - 1:
                output = self.activation(sums[-1])
                h = h + output if place and self.skip else output
        return sums


def stack_networks(networks: Iterable[keras.Model], *, bias: float = 0.0) -> Stack:
    """Copy networks into a stack.

    Args:
        networks: as `plain_network` makes them, all of one shape and with one activation.
        bias: number, added to the biases of the hidden layers.

    Returns:
        A `Stack`; the networks themselves stay as they are.
    """
    layers = list(zip(*(network.layers for network in networks), strict=True))
    kernels = [tf.Variable(np.stack([layer.kernel.numpy() for layer in same])) for same in layers]
    biases = [np.stack([layer.bias.numpy()[None] for layer in same]) for same in layers]
    shifted = [tf.Variable(b + b.dtype.type(bias)) for b in biases[:-1]]
    return Stack(layers[0][0].activation, kernels, [*shifted, tf.Variable(biases[-1])])


def new_stack(
    activation: str | Callable,
    *,
    seeds: Iterable[int],
    bias: float = 0.0,
    gated: bool = False,
    skip: bool = False,
    normalise: Callable | None = None,
    **network: object,
) -> Stack:
    """A stack of `plain_network`s, one a seed; with `gated`, `skip` or `normalise` they are wired otherwise.

    Args:
        activation: anything that Keras takes as one; for gated units a function of two sums in a row, which halves their number.
        seeds: ints.
        bias: number that the hidden biases start at.
        gated: whether each hidden unit has a second kernel and bias, drawn like the first ones.
        skip, normalise: as for `Stack`.
        **network: passed on to `plain_network`: depth, width, initializer, dtype.

    Returns:
        A `Stack`.
    """
    if gated:
        first, second = (
            new_stack("linear", seeds=numbers, bias=bias, **network)
            for numbers in (seeds, [seed + SECOND_KERNELS for seed in seeds])
        )
        stack = replace(first, **{part: _side_by_side(first, second, part) for part in ("kernels", "biases")})
    else:
        stack = stack_networks([plain_network(activation, seed=seed, **network) for seed in seeds], bias=bias)
    return replace(stack, activation=activation if gated else stack.activation, skip=skip, normalise=normalise)


def _side_by_side(first, second, part):
    """The hidden kernels or biases of two stacks as one, and the first one's of the output layer."""
    (*ours, last), (*others, _rest) = getattr(first, part), getattr(second, part)
    return [*(tf.Variable(tf.concat(pair, axis=2)) for pair in zip(ours, others, strict=True)), last]


def repeated(stack: Stack, times: int) -> Stack:
    """A new stack that holds a stack's networks several times over: first all of them, then all of them again."""
    kernels, biases = ([tf.Variable(np.tile(v, (times, 1, 1))) for v in part] for part in (stack.kernels, stack.biases))
    return replace(stack, kernels=kernels, biases=biases)


def batches(seeds: Iterable[int], steps: int, *, examples: int | None = None) -> tf.Tensor:
    """Which of the training examples each network sees in each step, drawn by NumPy, so the same on every machine.

    Args:
        seeds: ints, one a network.
        steps: number of training steps.
        examples: how many there are to draw from; None takes the number of the training digits.

    Returns:
        int32 tensor of shape (steps, networks, 64).
    """
    count = examples or len(digits()[0])
    drawn = [np.random.default_rng(seed).integers(0, count, (steps, BATCH)) for seed in seeds]
    return tf.constant(np.stack(drawn, axis=1), tf.int32)


def stack_loop(stack: Stack, optimizer: keras.Optimizer, *, penalty: float = 0.0) -> Callable:
    """Make the function that trains all networks of a stack on the digits.

    Args:
        stack: a `Stack`; its variables are changed by the training.
        optimizer: a new Keras optimizer that treats each weight by itself, as SGD and Adam do.
        penalty: L1 penalty, added to the loss: this times the mean over the batch of the sum of all hidden outputs' sizes.

    Returns:
        `train(first, last, chosen)`, as `compiled_descent` returns it; `chosen` are batches as `batches` draws them.
    """
    x, y, _, _ = (tf.constant(part) for part in digits())

    def loss(step: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        *sums, logits = stack.sums(tf.gather(x, chosen[step]))
        losses = tf.reduce_sum(cross_entropies(tf.gather(y, chosen[step]), logits))  # no network feels another
        if penalty:
            losses += penalty / BATCH * tf.add_n([tf.reduce_sum(tf.abs(stack.activation(z))) for z in sums])
        return losses

    return compiled_descent(loss, stack.variables, optimizer)


def train_to_marks(
    stack: Stack, optimizer: keras.Optimizer, chosen: tf.Tensor, marks: Sequence[int], *, stop_below: float = 0.0
) -> np.ndarray:
    """Train all networks of a stack on the digits, and note their losses on the way.

    Args:
        stack, optimizer: as for `stack_loop`.
        chosen: batches, as `batches` draws them.
        marks: ascending ints from 0 on, the training steps at which the loss is noted.
        stop_below: the training ends at the first mark where all networks' losses are under it.

    Returns:
        Mean loss on the training set in nats, of shape (networks, marks reached).
    """
    x, y, _, _ = digits()
    train, losses = stack_loop(stack, optimizer), [cross_entropies(y, stack.sums(x)[-1]).numpy()]
    for first, last in pairwise(marks):
        if (losses[-1] < stop_below).all():
            break
        train(first, last, chosen)
        losses.append(cross_entropies(y, stack.sums(x)[-1]).numpy())
    return np.array(losses).T


def first_below(loss: float, marks: Sequence[int], losses: np.ndarray) -> np.ndarray:
    """For each network the first mark at which its loss is under `loss`; nan where it never is.

    >>> first_below(0.5, [0, 10, 20], np.array([[2.0, 0.4, 0.6], [2.0, 1.9, 1.8]]))
    array([10., nan])
    """
    under = losses < loss
    return np.where(under.any(axis=1), np.asarray(marks)[under.argmax(axis=1)], np.nan)


def restart(stack: Stack, values: Sequence[np.ndarray], optimizer: keras.Optimizer, rate: float) -> None:
    """Put a stack and its optimizer back to their start, with another learning rate; the graph is kept.

    Args:
        stack: a `Stack`.
        values: arrays, the variables' values at the start.
        optimizer: the one that the stack's training loop uses.
        rate: the learning rate.
    """
    for variable, value in zip(stack.variables, values, strict=True):
        variable.assign(value)
    for variable in optimizer.variables:
        variable.assign(tf.zeros_like(variable))
    optimizer.learning_rate = rate


def new_optimizer(name: str, rate: float) -> keras.Optimizer:
    """A Keras optimizer by its name, with a learning rate and Keras's defaults for all else."""
    return keras.optimizers.get({"class_name": name, "config": {"learning_rate": float(rate)}})


def each_its_rate(name: str, rates: np.ndarray) -> keras.Optimizer:
    """An optimizer for stacked networks, each with its own learning rate.

    Args:
        name: "sgd" or "adam".
        rates: (networks,) the learning rates.

    Returns:
        A Keras optimizer; the variables' first axis is the networks'.
    """
    kind = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[name]

    class EachItsRate(kind):
        def update_step(self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor) -> None:
            super().update_step(gradient, variable, tf.constant(rates[:, None, None], variable.dtype))

    return EachItsRate()


def cross_entropies(labels: ArrayLike, logits: tf.Tensor) -> tf.Tensor:
    """Each network's mean of -log softmax(logits)[label], in nats.

    Args:
        labels: ints of shape (networks, n), or (n,) for the same in all networks.
        logits: (networks, n, classes).

    Returns:
        A tensor of shape (networks,).
    """
    labels = tf.broadcast_to(labels, tf.shape(logits)[:2])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), axis=1)


def accuracies(stack: Stack) -> np.ndarray:
    """Each network's share of right answers on the test digits, an array of shape (networks,)."""
    _, _, x, y = digits()
    return right_answers(stack.sums(x)[-1].numpy(), y)


def dead_masks(stack: Stack) -> list[np.ndarray]:
    """Which hidden units are dead: the activation's slope is 0, or under a millionth, for each of the 1347 training digits.

    A ReLU's slope is exactly 0 or 1. How close a GELU's or an ELU's slope comes to 0 depends on rounding, which differs between processors.

    Returns:
        A boolean array of shape (networks, units) for each hidden layer.
    """
    return [_dead(stack.activation, z) for z in stack.sums(digits()[0])[:-1]]


def _dead(activation, z):
    with tf.GradientTape() as tape:
        tape.watch(z)
        h = activation(z)
    return np.all(np.abs(tape.gradient(h, z)) < NO_SLOPE, axis=1)
