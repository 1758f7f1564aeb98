"""Exercise, the capstone: an activation of one's own."""

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.messages import number
from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises.ch06_choosing import _trial as trial

PROMPT = r"""
Invent an activation function of your own. It passes when it

1. **works on each number by itself**: `x` is a row of float64 numbers (a NumPy array with one axis) between -10,000 and 10,000, in no
   particular order, and you give one finite number for each, out to the ends;
2. **bends**: on none of the five intervals [-7, 3], [-6, 4], ..., [-3, 7] is it a straight line;
3. **is yours**: on [-10, 10] it differs from every function in the course's catalogue, from any multiple of one, and from its mirror
   image, by more than a thousandth of its own largest value there. Other slopes, shifts up or down, other widths are welcome: $x\,\sigma(1.5\,x)$ is
   yours, $2\,\mathrm{relu}(x)$ is still ReLU;
4. **is no polynomial** (up to degree 10): layers of polynomials are polynomials again, and explode;
5. **lets gradients through**: of a gradient that goes back through 10 layers of 64 units, between a thousandth and a thousand times
   is left, with He's or with Glorot's weights, whichever suits it better;
6. **learns**: a network of two hidden layers with 32 units each gets nine in ten points of two spirals right, in the best of 3
   tries with 600 steps of Adam.

What you build it from is up to you, library functions included; entries of the course's catalogue are not. The check takes a second or
two: it trains.
"""

EXPLANATION = r"""
**Why it is right.** On the right it is ReLU, with slope 1, so that gradients get through; on the left a gentle tanh, which never
quite dies near 0 and never grows. That is all that is asked: a bend near 0, a slope that is neither tiny nor huge on average, and
nothing that overflows. Thousands of functions have that; hundreds have been published.

**The tempting wrong answers.** `x**2` bends, but ten layers of it are $x^{1024}$. A step has no slope anywhere, so no gradient
comes back. A shifted sigmoid, $\sigma(x) - \frac{1}{2}$, looks harmless, but its slope is at most $\frac{1}{4}$: after ten layers
about a hundred-thousandth of the gradient is left. And `np.log(1 + np.exp(x))` is fine on paper and infinite at 1000.

What this can't show: whether your function is *better* than another. For that you would need other data, other networks, and many
seeds.
"""


def my_activation(x):
    return np.where(x > 0, x, 0.5 * np.tanh(x))


WORDS = {
    "places": "At x = {x} your activation gives {one} in one place of the row and {other} in another; expected the same.",
    "rows": "At x = {x} your activation gives {one} in one row and {other} in another; expected the same.",
}
NEXT = {
    "numbers": "Give one number for each number in x, in the same order, as an array or a list.",
    "finite": "Which part of it grows without end, and what does it meet there? Can you limit what goes into it?",
    "alone": "Does your function look at the row's other numbers (a sum, a mean, a neighbour), or does it draw lots?",
    "straight": "Most numbers in a network are between -3 and 3. Where in there could your function bend?",
    "copy": "What would make it yours: another slope on one side, a limit, a second bend, a wave?",
    "polynomial": "What could keep it from growing like a power of x: a limit, a straight piece, a function that levels off?",
    "flat": "Where has it a slope that isn't 0? A step, however useful, can't be trained through.",
    "vanished": "Each layer multiplies the gradient by your slope. How large is it near 0? Could it be nearer to 1?",
    "exploded": "Each layer multiplies the gradient by your slope. How large does it get? Could it be nearer to 1?",
    "spirals": "A straight line gets about 0.8 of these points. Is your bend strong enough, and is there slope on both sides of it?",
}


def _accepts(case, value):
    (x,) = case.args
    got = real_numbers(value)
    if got is None:
        return f"For a row of {x.size} numbers you returned {tell(value)}; expected {x.size} numbers.", NEXT["numbers"]
    if got.shape != x.shape:
        return f"For a row of {x.size} numbers you returned shape {got.shape}; expected shape {x.shape}.", NEXT[
            "numbers"
        ]
    broken = ~np.isfinite(got)
    if broken.any():
        at = min(np.flatnonzero(broken), key=lambda i: (len(number(abs(x[i]))), abs(x[i])))
        return f"At x = {number(x[at])} your activation gives {number(got[at])}; expected a finite number.", NEXT[
            "finite"
        ]
    return _on_its_own(x, got) or ("" if x.size < trial.SAMPLED.size else _at_work(*_samples(x, got)))


def _on_its_own(x, got, words=WORDS["places"]):
    """Where the same number got two results, if it did."""
    order = np.argsort(x, kind="stable")
    x, got = x[order], got[order]
    differs = (x[1:] == x[:-1]) & ~np.isclose(got[1:], got[:-1], 1e-5, 1e-5)
    if not differs.any():
        return ""
    at = np.argmax(differs)
    one, other = number(got[at]), number(got[at + 1])
    return words.format(x=number(x[at]), one=one, other=other), NEXT["alone"]


def _alike_in_each_row(calls):
    """Where the same number got two results in two rows, if it did."""
    x, got = np.concatenate([c.args[0] for c, _ in calls]), np.concatenate([real_numbers(value) for _, value in calls])
    return _on_its_own(x, got, WORDS["rows"])


def _samples(x, got):
    """What it gives on the fine grid, and far out."""
    order = np.argsort(x)
    return tuple(got[order][np.searchsorted(x[order], places)] for places in (trial.GRID, trial.FAR))


def _at_work(y, far):
    """The first of the conditions that a curve doesn't meet, the quickest to test first."""
    curve = trial.curve(y)
    return _too_straight(y) or _not_new(y, far) or _flat(curve) or _deep(curve) or _learning(curve)


def _too_straight(y):
    interval = trial.straight(y)
    if interval is None:
        return ""
    low, high = map(number, interval)
    return f"From x = {low} to x = {high} your activation is a straight line; expected a bend.", NEXT["straight"]


def _not_new(y, far):
    found = trial.copied(y)
    if found:
        factor, title, mirrored = found
        times = "" if np.isclose(factor, 1, atol=2 * trial.SAME) else f"{factor:.3g} times "
        image = "the mirror image of " * mirrored
        said = f"From x = -10 to x = 10 your activation is {times}{image}{title} of the catalogue; expected one of your own."
        return said, NEXT["copy"]
    if trial.polynomial(y, far):
        return "From x = -10,000 to x = 10,000 your activation is a polynomial; expected something else.", NEXT[
            "polynomial"
        ]
    return ""


def _flat(curve):
    if trial.sloping(curve) > 0.01:
        return ""
    return (
        "From x = -10 to x = 10 the slope of your activation is 0 nearly everywhere; expected a slope to learn by.",
        NEXT["flat"],
    )


def _deep(curve):
    low, high = trial.KEPT
    left = {weights: trial.gradient_left(curve, weights) for weights in trial.WEIGHTS}
    if any(low <= size <= high for size in left.values()):
        return ""
    sizes = " or ".join(f"{size:.2g} ({weights}'s weights)" for weights, size in left.items())
    said = f"After {trial.LAYERS} layers a gradient of size 1 has size {sizes}; expected {number(low)} to {number(high)} with one of the two."
    return said, NEXT["vanished" if min(left.values()) < low and max(left.values()) < high else "exploded"]


def _learning(curve):
    share = trial.spirals_solved(curve)
    if share >= trial.SOLVED:
        return ""
    said = f"On the two spirals the best of {trial.TRIES} networks with your activation gets {share:.2f} of the points right; expected {trial.SOLVED:g}."
    return said, NEXT["spirals"]


# ---- what learners write in place of it


def _shuffled(x):
    return np.random.default_rng(0).permutation(x)


def _softplus(x):
    return np.log(1 + np.exp(x))


EXERCISE = Exercise(
    title="An activation of your own",
    difficulty="hard",
    minutes=20,
    points=3,
    prompt=PROMPT,
    solution=my_activation,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about("Five numbers, to begin with.", case(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))),
        *about("Some 2,000 numbers from all of the promised range, in no order.", case(_shuffled(trial.SAMPLED))),
    ),
    accepts=_accepts,
    accepts_all=_alike_in_each_row,
    next_step="Draw it from -5 to 5, with its slope beside it. Where does it bend, and how steep is it near 0?",
    hints=(
        "Start from an activation that you like and change one thing: the slope on the left, how fast it levels off, a wave on top.",
        "Keep the slope near 1 where most numbers are, so that ten layers neither kill a gradient nor blow it up.",
        "Two pieces that meet at 0 will do: something like x on the right, something gentle and limited on the left.",
    ),
    misconceptions=(
        Misconception(
            "straight_line",
            lambda x: 2 * x + 1,
            "A straight line bends nowhere: many such layers are one. Where could it bend, between -3 and 3?",
        ),
        Misconception(
            "polynomial",
            lambda x: x**2,
            "Ten layers of squares are x to the power of 1024. Which functions bend without growing like that?",
        ),
        Misconception(
            "copy_of_relu",
            lambda x: np.maximum(x, 0),
            "A classic, and in the catalogue. What would you change about its left half?",
        ),
        Misconception(
            "copy_of_sigmoid",
            lambda x: np.exp(-np.logaddexp(0, -x)),
            "That one is in the catalogue, and ten layers of it leave next to nothing of a gradient. How would you make it steeper?",
        ),
        Misconception(
            "copy_of_tanh",
            lambda x: np.tanh(x),
            "That one is in the catalogue. What would you change: how wide it is, how it levels off, what it does on one side?",
        ),
        Misconception(
            "step",
            lambda x: (x > 0) * 1.0,
            "What is the slope of a step? What is left of a gradient that is multiplied by it?",
        ),
        Misconception(
            "overflow",
            _softplus,
            "What is np.exp(1000.)? Can you write it so that the exponent is never large?",
        ),
        Misconception(
            "overflow_over_overflow",
            lambda x: x * np.exp(x) / (1 + np.exp(x)),
            "What is infinity divided by infinity? Can you write it so that the exponent is never large?",
        ),
        Misconception(
            "small_slope",
            lambda x: 1 / (1 + np.exp(-x)) - 0.5,
            "How steep is it at 0? Raise that to the power of ten.",
        ),
        Misconception(
            "dead_zone",
            lambda x: np.maximum(x - 0.5, 0),
            "Numbers near 0 come out as 0, layer after layer. What is left after ten of them?",
        ),
    ),
)
