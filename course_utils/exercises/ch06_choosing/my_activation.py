"""Exercise, the capstone: an activation of one's own."""

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, Rejection, about, case, reject
from course_utils.checking.verdict_messages import number
from course_utils.exercises.ch06_choosing import _trial as trial
from course_utils.texts import _

PROMPT = _(r"""
Invent an activation function of your own. It passes when it

1. **works on each number by itself**: `x` is a row of float64 numbers (a NumPy array with one axis) between -10,000 and 10,000, in no
   particular order, and you return one finite number for each, also far out;
2. **bends**: it is a straight line on none of the five intervals [-7, 3], [-6, 4], ..., [-3, 7];
3. **is yours**: on [-10, 10] it differs from every function in the course's catalogue, from any multiple of one, and from its mirror
   image, by more than a thousandth of its own largest value there. Other slopes, shifts up or down, other widths are welcome: $x\,\sigma(1.5\,x)$ is
   yours, $2\,\mathrm{relu}(x)$ is still ReLU;
4. **is no polynomial** (up to degree 10): layers of polynomials are polynomials again, and explode;
5. **lets gradients through**: a gradient that goes back through 10 layers of 64 units ends between a thousandth of its size and a
   thousand times its size, with He weights or with Glorot weights, whichever suits it better;
6. **learns**: a network of two hidden layers with 32 units each gets nine in ten points of two spirals right, in the best of 3
   tries with 600 steps of Adam.

Build it from whatever you like, library functions included, but not from entries of the course's catalogue. NumPy will do: the
check works out the slopes from your values. It takes a few seconds, because it trains.
""")

EXPLANATION = _(r"""
**Why it is right.** On the right it is ReLU, with slope 1, so that gradients get through. On the left it is a gentle tanh, which has
a slope near 0 and never grows large. No more is needed: a bend near 0, a slope that is neither tiny nor huge on average, and
nothing that overflows. Thousands of functions do that, and hundreds have been published.

**The tempting wrong answers.** `x**2` bends, but ten layers of it are $x^{1024}$. A step has no slope anywhere, so no gradient
comes back. A shifted sigmoid, $\sigma(x) - \frac{1}{2}$, looks harmless, but its slope is at most $\frac{1}{4}$: after ten layers
about a hundred-thousandth of the gradient is left. And `np.log(1 + np.exp(x))` is fine on paper and infinite at 1000.

What this can't show: whether your function is *better* than another. For that you would need other data, other networks, and many
seeds.
""")


def my_activation(x):
    return np.where(x > 0, x, 0.5 * np.tanh(x))


WORDS = {
    "places": _(
        "At x = {x} your activation gives {one} in one place of the row and {other} in another; expected the same."
    ),
    "rows": _("At x = {x} your activation gives {one} in one row and {other} in another; expected the same."),
    "polynomial": _("From x = -10,000 to x = 10,000 your activation is a polynomial; expected something else."),
    "flat": _(
        "From x = -10 to x = 10 the slope of your activation is 0 nearly everywhere; expected a slope to learn by."
    ),
    "deep": _(
        "After {layers} layers the size of a gradient of size 1 is {he} (He's weights) and {glorot} (Glorot's weights); expected {low} to {high} with one of the two."
    ),
    "none": _("0"),
    "under": _("under {low}"),
    "over": _("over {high}"),
    "spirals": _(
        "On the two spirals the best of {tries} networks with your activation gets less than {wanted} of the points right; expected {wanted} or more."
    ),
}
COPIES = {  # (scaled, mirrored) -> what it is
    (False, False): _("From x = -10 to x = 10 your activation is {title} of the catalogue; expected one of your own."),
    (True, False): _(
        "From x = -10 to x = 10 your activation is {factor} times {title} of the catalogue; expected one of your own."
    ),
    (False, True): _(
        "From x = -10 to x = 10 your activation is the mirror image of {title} of the catalogue; expected one of your own."
    ),
    (True, True): _(
        "From x = -10 to x = 10 your activation is {factor} times the mirror image of {title} of the catalogue; expected one of your own."
    ),
}
NEXT = {
    "numbers": _("Give one number for each number in x, in the same order, as an array or a list."),
    "finite": _("Which part of it grows without end, and what does it meet there? Can you limit what goes into it?"),
    "alone": _(
        "Does your function look at the row's other numbers (a sum, a mean, a neighbour), or does it draw lots?"
    ),
    "straight": _("Most numbers in a network are between -3 and 3. Where in there could your function bend?"),
    "copy": _("What would make it yours: another slope on one side, a limit, a second bend, a wave?"),
    "polynomial": _(
        "What could keep it from growing like a power of x: a limit, a straight piece, a function that levels off?"
    ),
    "flat": _("Where has it a slope that isn't 0? A step, however useful, can't be trained through."),
    "vanished": _("Each layer multiplies the gradient by your slope. How large is it near 0? Could it be nearer to 1?"),
    "exploded": _("Each layer multiplies the gradient by your slope. How large does it get? Could it be nearer to 1?"),
    "spirals": _(
        "A straight line gets about 0.8 of these points. Is your bend strong enough, and is there slope on both sides of it?"
    ),
}


def _accepts(case, value):
    (x,) = case.args
    got = real_numbers(value)
    if got is None:
        sentence = _("For a row of {size} numbers you returned {got}; expected {size} numbers.")
        return reject("numbers", sentence, NEXT["numbers"], size=x.size, got=tell(value))
    if got.shape != x.shape:
        sentence = _("For a row of {size} numbers you returned shape {got}; expected shape {wanted}.")
        return reject("shape", sentence, NEXT["numbers"], size=x.size, got=got.shape, wanted=x.shape)
    broken = ~np.isfinite(got)
    if broken.any():
        at = min(np.flatnonzero(broken), key=lambda i: (len(number(abs(x[i]))), abs(x[i])))
        sentence = _("At x = {x} your activation gives {got}; expected a finite number.")
        return reject("finite", sentence, NEXT["finite"], x=number(x[at]), got=number(got[at]))
    return _on_its_own(x, got) or (None if x.size < trial.SAMPLED.size else _at_work(*_samples(x, got)))


def _on_its_own(x, got, where="places"):
    """Where the same number got two results, if it did."""
    order = np.argsort(x, kind="stable")
    x, got = x[order], got[order]
    differs = (x[1:] == x[:-1]) & ~np.isclose(got[1:], got[:-1], 1e-5, 1e-5)
    if not differs.any():
        return None
    at = np.argmax(differs)
    one, other = number(got[at]), number(got[at + 1])
    return reject(where, WORDS[where], NEXT["alone"], x=number(x[at]), one=one, other=other)


def _alike_in_each_row(calls):
    """Where the same number got two results in two rows, if it did."""
    x, got = np.concatenate([c.args[0] for c, _ in calls]), np.concatenate([real_numbers(value) for _, value in calls])
    return _on_its_own(x, got, "rows")


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
        return None
    low, high = map(number, interval)
    sentence = _("From x = {low} to x = {high} your activation is a straight line; expected a bend.")
    return reject("straight", sentence, NEXT["straight"], low=low, high=high)


def _not_new(y, far):
    found = trial.copied(y)
    if found:
        factor, title, mirrored = found
        scaled = not np.isclose(factor, 1, atol=2 * trial.SAME)
        sentence = COPIES[scaled, bool(mirrored)].format(factor=f"{factor:.3g}", title=title)
        return Rejection(("copy", title, bool(mirrored), f"{factor:.3g}" if scaled else "1"), sentence, NEXT["copy"])
    if trial.polynomial(y, far):
        return reject("polynomial", WORDS["polynomial"], NEXT["polynomial"])
    return None


def _flat(curve):
    return None if trial.sloping(curve) > 0.01 else reject("flat", WORDS["flat"], NEXT["flat"])


def _deep(curve):
    low, high = trial.KEPT
    left = {weights: trial.gradient_left(curve, weights) for weights in trial.WEIGHTS}
    if any(low <= size <= high for size in left.values()):
        return None
    next_step = NEXT["vanished" if min(left.values()) < low and max(left.values()) < high else "exploded"]
    # Only the side, or that nothing is left: of a steep curve, ten layers make a whole digit out of the last bit.
    sides = {
        weights.lower(): "none" if size == 0 else "under" if size < low else "over" for weights, size in left.items()
    }
    told = {"layers": trial.LAYERS, "low": number(low), "high": number(high)}
    words = {weights: WORDS[side].format(**told) for weights, side in sides.items()}
    return Rejection(("deep", *sides.values()), WORDS["deep"].format(**told, **words), next_step)


def _learning(curve):
    if trial.spirals_solved(curve) >= trial.SOLVED:
        return None
    return reject("spirals", WORDS["spirals"], NEXT["spirals"], tries=trial.TRIES, wanted=f"{trial.SOLVED:g}")


# ---- what learners write in place of it


def _shuffled(x):
    return np.random.default_rng(0).permutation(x)


def _softplus(x):
    return np.log(1 + np.exp(x))


EXERCISE = Exercise(
    place=30,
    title=_("An activation of your own"),
    difficulty="hard",
    minutes=20,
    points=3,
    prompt=PROMPT,
    solution=my_activation,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("Five numbers, to begin with."), case(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))),
        *about(_("Some 2,000 numbers from all of the promised range, in no order."), case(_shuffled(trial.SAMPLED))),
    ),
    accepts=_accepts,
    accepts_all=_alike_in_each_row,
    next_step=_("Draw it from -5 to 5, with its slope beside it. Where does it bend, and how steep is it near 0?"),
    hints=(
        _(
            "Start from an activation that you like and change one thing: the slope on the left, how fast it levels off, a wave on top."
        ),
        _("Keep the slope near 1 where most numbers are, so that ten layers neither kill a gradient nor blow it up."),
        _(
            "Two pieces that meet at 0 will do: something like x on the right, something gentle and limited on the left."
        ),
    ),
    misconceptions=(
        Misconception(
            "straight_line",
            lambda x: 2 * x + 1,
            _("A straight line bends nowhere: many such layers are one. Where could it bend, between -3 and 3?"),
        ),
        Misconception(
            "polynomial",
            lambda x: x**2,
            _("Ten layers of squares are x to the power of 1024. Which functions bend without growing like that?"),
        ),
        Misconception(
            "copy_of_relu",
            lambda x: np.maximum(x, 0),
            _("A classic, and in the catalogue. What would you change about its left half?"),
        ),
        Misconception(
            "copy_of_sigmoid",
            lambda x: np.exp(-np.logaddexp(0, -x)),
            _(
                "That one is in the catalogue, and ten layers of it leave next to nothing of a gradient. How would you make it steeper?"
            ),
        ),
        Misconception(
            "copy_of_tanh",
            lambda x: np.tanh(x),
            _(
                "That one is in the catalogue. What would you change: how wide it is, how it levels off, what it does on one side?"
            ),
        ),
        Misconception(
            "step",
            lambda x: (x > 0) * 1.0,
            _("What is the slope of a step? What is left of a gradient that is multiplied by it?"),
        ),
        Misconception(
            "overflow",
            _softplus,
            _("What is np.exp(1000.)? Can you write it so that the exponent is never large?"),
        ),
        Misconception(
            "overflow_over_overflow",
            lambda x: x * np.exp(x) / (1 + np.exp(x)),
            _("What is infinity divided by infinity? Can you write it so that the exponent is never large?"),
        ),
        Misconception(
            "small_slope",
            lambda x: 1 / (1 + np.exp(-x)) - 0.5,
            _("How steep is it at 0? Raise that to the power of ten."),
        ),
        Misconception(
            "dead_zone",
            lambda x: np.maximum(x - 0.5, 0),
            _("Numbers near 0 come out as 0, layer after layer. What is left after ten of them?"),
        ),
    ),
)
