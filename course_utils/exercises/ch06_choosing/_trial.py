"""Tries out an activation that is known by samples alone, in NumPy: in a deep stack of layers, and on two spirals.

None of the learner's code runs here. The activation is a curve through the samples; where it jumps, the slope is that beside the
jump, as a gradient would have it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from course_utils.activations import ACTIVATIONS

STEP = 1 / 32
GRID = -32 + STEP * (np.arange(2048) + 0.38)  # no round number: a jump at 0 lies between two neighbours
ROUND = np.arange(-10.0, 11.0)
FAR = np.linspace(-10_000, 10_000, 41)
TWICE = np.concatenate([ROUND, FAR[-3:]])  # stands in two places; lopsided, so that a mean or a sum over all would show
SAMPLED = np.concatenate([GRID, ROUND, FAR, TWICE])

PROBE, SHIFTS = 5.0, (-2.0, -1.0, 0.0, 1.0, 2.0)
STRAIGHT = 1e-5  # of the curve's height on the probe: what float32 may bend a straight line
SAME = 1e-3  # of the curve's largest value on [-10, 10]
POLYNOMIAL, DEGREE = 1e-6, 10

LAYERS, WIDTH, EXAMPLES, STACKS = 10, 64, 128, 3
KEPT = (0.001, 1000.0)
WEIGHTS = {"He": 2.0, "Glorot": 1.0}  # variance of a weight, times the width

ARM, TURNS, NOISE = 150, 1.0, 0.02
HIDDEN, RATE, STEPS, LOOK, TRIES = 32, 0.01, 600, 50, 3
SOLVED = 0.9


@dataclass(frozen=True)
class SampledCurve:
    """An activation by its values on `GRID`, and its slope between neighbours."""

    y: np.ndarray
    slope: np.ndarray

    def __call__(self, z):
        """Value and slope at any z; beyond the grid the last slopes go on."""
        place = np.clip(((z - GRID[0]) / STEP).astype(int), 0, self.slope.size - 1)
        slope = self.slope[place]
        return self.y[place] + slope * (z - GRID[place]), slope


def curve(y):
    """The `SampledCurve` through samples on `GRID`."""
    slope = np.diff(y) / STEP
    before, after = np.r_[slope[0], slope[:-1]], np.r_[slope[1:], slope[-1]]
    jumps = np.abs(slope) > 0.5 + 4 * np.maximum(np.abs(before), np.abs(after))
    return SampledCurve(y, np.where(jumps, (before + after) / 2, slope))


def sloping(curve):
    """The share of [-10, 10] on which a `SampledCurve` has a slope."""
    return float(np.mean(np.abs(curve.slope[np.abs(GRID[:-1]) <= 10]) > 1e-6))


def straight(y):
    """The interval, one of the shifted probes, on which samples on `GRID` lie on a straight line, or None."""
    for shift in SHIFTS:
        here = np.abs(GRID - shift) <= PROBE
        if _residual(GRID[here], y[here], 1) <= STRAIGHT:
            return shift - PROBE, shift + PROBE
    return None


def copied(y):
    """The catalogue's entry that samples on `GRID` repeat, `(factor, title, mirrored)`, or None."""
    here = np.abs(GRID) <= 10
    own = y[here]
    for title, mirrored, values in _catalogue():
        factor = own @ values / (values @ values)
        if np.abs(own - factor * values).max() <= SAME * np.abs(own).max():
            return factor, title, mirrored
    return None


@cache
def _catalogue():
    x = GRID[np.abs(GRID) <= 10]
    entries = [entry for name, entry in ACTIVATIONS.items() if name != "linear"]  # a straight line, and found as one
    return [(entry.title, sign < 0, entry(sign * x)) for sign in (1, -1) for entry in entries]


def polynomial(y, far):
    """The degree of the polynomial that fits samples on `GRID` and on `FAR`, or None."""
    here = np.abs(GRID) <= 10
    for degree in range(2, DEGREE + 1):
        if max(_residual(GRID[here], y[here], degree), _residual(FAR, far, degree)) <= POLYNOMIAL:
            return degree
    return None


def _residual(x, y, degree):
    """The largest distance from the best polynomial, as a share of the height of the curve."""
    x = (x - x.mean()) / np.ptp(x) * 2
    height = max(np.ptp(y), np.abs(y).max() * 1e-3)
    basis = np.polynomial.chebyshev.chebvander(x, degree)
    weights = np.linalg.lstsq(basis, y, rcond=None)[0]
    return np.abs(basis @ weights - y).max() / height if height else 0.0


def gradient_left(activation, weights):
    """What `LAYERS` layers leave of a gradient of size 1, the median of `STACKS` stacks.

    Args:
        activation: a `SampledCurve`.
        weights: "He" or "Glorot".
    """
    return float(np.median([_through(activation, np.sqrt(WEIGHTS[weights] / WIDTH), s) for s in range(STACKS)]))


def _through(activation, deviation, seed):
    rng = np.random.default_rng(seed)
    x, passed = rng.normal(size=(EXAMPLES, WIDTH)), []
    for _ in range(LAYERS):
        w = deviation * rng.normal(size=(WIDTH, WIDTH))
        x, slope = activation(np.clip(x @ w, -1e6, 1e6))
        passed.append((w, slope))
    gradient = rng.normal(size=x.shape)
    size = np.linalg.norm(gradient)
    for w, slope in reversed(passed):
        gradient = (gradient * slope) @ w.T
    return np.linalg.norm(gradient) / size


def spirals_solved(activation):
    """The share of fresh points on two spirals that the best of `TRIES` small networks gets right.

    Two hidden layers of `HIDDEN` units, He's weights, Adam, all points in each step, at most `STEPS` steps; it ends as soon
    as `SOLVED` is reached.
    """
    best = 0.0
    for seed in range(TRIES):
        best = max(best, _trained(activation, *_spirals(0), *_spirals(1), seed))
        if best >= SOLVED:
            break
    return best


def _spirals(seed):
    """Points on two arms, and for each whether it is on the first (+1) or the second (-1)."""
    rng = np.random.default_rng(seed)
    t = np.sqrt(rng.random(ARM))
    arm = np.stack([t * np.cos(2 * np.pi * TURNS * t), t * np.sin(2 * np.pi * TURNS * t)], 1)
    return np.concatenate([arm, -arm]) + NOISE * rng.normal(size=(2 * ARM, 2)), np.repeat([1.0, -1.0], ARM)


def _trained(activation, x, side, x_new, side_new, seed):
    rng = np.random.default_rng(seed)
    sizes = [(2, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, 1)]
    network = [part for n, m in sizes for part in (rng.normal(size=(n, m)) * np.sqrt(2 / n), np.zeros(m))]
    moments, best = [(np.zeros_like(part), np.zeros_like(part)) for part in network], 0.0
    for step in range(1, STEPS + 1):
        moments = [
            (0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g)
            for (m, v), g in zip(moments, _gradients(activation, network, x, side), strict=True)
        ]
        rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        network = [p - rate * m / (np.sqrt(v) + 1e-7) for p, (m, v) in zip(network, moments, strict=True)]
        if step % LOOK == 0:
            best = max(best, float(np.mean(_output(activation, network, x_new)[-1][:, 0] * side_new > 0)))
            if best >= SOLVED:
                break
    return best


def _output(activation, network, x):
    """Each layer's values and slopes, and the logits, in one list."""
    w1, b1, w2, b2, w3, b3 = network
    h1, slope1 = activation(np.clip(x @ w1 + b1, -1e6, 1e6))
    h2, slope2 = activation(np.clip(h1 @ w2 + b2, -1e6, 1e6))
    return h1, slope1, h2, slope2, h2 @ w3 + b3


def _gradients(activation, network, x, side):
    """Of the binary cross-entropy, by hand: one for each part of the network."""
    _, _, w2, _, w3, _ = network
    h1, slope1, h2, slope2, logits = _output(activation, network, x)
    d3 = -side[:, None] / (1 + np.exp(np.clip(side[:, None] * logits, -50, 50))) / len(side)
    d2 = d3 @ w3.T * slope2
    d1 = d2 @ w2.T * slope1
    return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)
