"""Exercise: the temperature that makes a network as sure as it is right. The check measures what it does to the loss."""

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Case, Exercise, Misconception, about, case, reject
from course_utils.checking.verdict_messages import number
from course_utils.exercises.ch04_softmax._logits import stable_softmax
from course_utils.texts import _

PROMPT = _(r"""
A trained network can be surer than it is right, or less sure. Find the one number that mends it. You get the network's logits for
examples that it did not learn from, and the right labels.

- `logits` has shape `(n, k)`: numbers between -100 and 100. `labels` has shape `(n,)`: integers from 0 to $k - 1$.
- Return the temperature $T$ at which the mean cross-entropy of `logits / T` is lowest, one number between 0.1 and 20. You may
  search as you like: try many temperatures, halve an interval, or go down the slope.

**The check measures.** It divides the logits of several networks by your $T$, works out the mean cross-entropy, and compares it with
the lowest that any temperature reaches. Yours may be higher by 0.001 at most. Some of the networks are too sure, some not sure enough.
""")

EXPLANATION = _(r"""
**Why it is right.** The cross-entropy is lowest where the shares fit the labels: too hot wastes certainty where the network is right,
too cold pays dearly where it is wrong. `np.geomspace` takes steps of equal *ratio*, 3 % here. That suits a temperature, since from
0.2 to 0.3 is as far as from 2 to 3. With the row's maximum subtracted, no power overflows, however cold it gets.

**The tempting wrong answers.** Choosing the temperature with the most right answers: that number is the same at all of them, because a
temperature keeps the order. Searching from 1 upwards: a network that is not sure enough needs less than 1. Steps of 0.1 from 0.1 to
20 look fine, but near 0.15 they are far too coarse.
""")

COLDEST, HOTTEST = 0.1, 20.0
ABOVE = 0.001  # nats by which the loss may be above the lowest one
HALVINGS = 40
EXAMPLES = 60


def fitted_temperature(logits, labels):
    def loss(temperature):
        z = logits / temperature
        z = z - z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return -log_p[np.arange(len(labels)), labels].mean()

    temperatures = np.geomspace(0.1, 20, 200)
    return temperatures[np.argmin([loss(t) for t in temperatures])]


def loss_at(temperature, logits, labels):
    """Mean cross-entropy of `logits / temperature`, in nats."""
    z = np.asarray(logits, float) / temperature
    right = np.take_along_axis(z, labels[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(z - right, axis=1))


def best(logits, labels):
    """The temperature with the lowest loss: in one over the temperature the loss is convex, so its slope changes sign once."""
    logits = np.asarray(logits, float)
    right = np.take_along_axis(logits, labels[:, None], axis=1)
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _halving in range(HALVINGS):
        cold = np.sqrt(low * high)
        slope = np.mean(np.sum(stable_softmax(cold * logits) * (logits - right), axis=1))
        low, high = (low, cold) if slope > 0 else (cold, high)
    return 1 / high


WORDS = {
    "no_number": _("You returned {got}; expected one number, the temperature."),
    "not_positive": _("You returned the temperature {got}; expected a number above 0."),
    "loss": _(
        "For a network with {n} examples and {k} classes you returned the temperature {got}. There the mean cross-entropy is {loss}; "
        "expected {limit} at most."
    ),
}
NEXT = {
    "no_number": _("Return the temperature itself, not the losses and not a place in a list."),
    "not_positive": _("Logits are divided by a temperature. Which numbers did you try?"),
    "hotter": _("A higher temperature has a lower loss. Did you try enough of them, and can your loss become nan?"),
    "colder": _("A lower temperature has a lower loss. Did you try enough of them, and can your loss become nan?"),
}


def _accepts(case, value):
    got = real_numbers(value)
    if got is None or got.size != 1 or got.ndim > 1 or not np.isfinite(got).all():
        return reject("no_number", WORDS["no_number"], NEXT["no_number"], got=tell(value))
    got = got.item()
    if got <= 0:
        return reject("not_positive", WORDS["not_positive"], NEXT["not_positive"], got=number(got))
    logits, labels = case.args
    right = best(logits, labels)
    loss, limit = loss_at(got, logits, labels), loss_at(right, logits, labels) + ABOVE
    if loss <= limit:
        return None
    n, k = logits.shape
    fields = {"n": n, "k": k, "got": number(got), "loss": number(loss), "limit": number(limit)}
    return reject("loss", WORDS["loss"], NEXT["hotter" if got < right else "colder"], **fields)


def network(temperature, *, k=3, n=EXAMPLES, seed=0):
    """What a network says whose best temperature is near the given one: labels drawn from softmax, logits stretched by it.

    Returns:
        (logits, labels): float64 of shape (n, k) between -100 and 100, in steps of 1/64, and ints of shape (n,).
    """
    rng = np.random.default_rng(seed)
    scores = rng.normal(scale=2, size=(n, k))
    drawn = (stable_softmax(scores).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return np.clip(np.round(64 * temperature * scores) / 64, -100, 100), np.minimum(drawn, k - 1)


def _far(made):
    """The same with each row's logits moved together, by up to 80."""
    logits, labels = made
    return logits + np.linspace(-80, 80, len(logits)).round()[:, None], labels


def _float32(made):
    logits, labels = made
    return logits.astype(np.float32), labels


def _draw(rng):
    temperature, k, seed = (
        np.exp(rng.uniform(np.log(0.3), np.log(8))),
        int(rng.integers(2, 6)),
        int(rng.integers(2**31)),
    )
    logits, labels = network(temperature, k=k, n=2 * EXAMPLES, seed=seed)
    return Case((logits.astype(rng.choice([np.float32, np.float64])), labels))


# ---- what learners write in place of it


def _searched(temperatures, judged):
    """The temperature with the lowest result of `judged(shares, labels)`."""

    def answer(logits, labels):
        results = [judged(stable_softmax(logits / t), labels) for t in temperatures]
        return temperatures[int(np.argmin(results))]

    return answer


def _cross_entropy(p, labels):
    return -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-300)).mean()


GRID = np.geomspace(0.1, 20, 200)

EXERCISE = Exercise(
    place=60,
    title=_("The temperature that makes it honest"),
    difficulty="hard",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=fitted_temperature,
    explanation=EXPLANATION,
    reference=None,
    accepts=_accepts,
    cases=(
        *about(_("A network that is too sure."), case(*network(3.0, seed=1))),
        *about(_("A network that is about right."), case(*network(1.0, seed=2))),
        *about(_("A network that is not sure enough."), case(*network(0.3, seed=3))),
        *about(_("A network that hardly dares to say anything."), case(*network(0.14, seed=7))),
        *about(_("A network that is far too sure."), case(*network(9.0, k=4, seed=4))),
        *about(_("Two classes, and logits far from 0."), case(*_far(network(2.0, k=2, seed=5)))),
        *about(_("Five classes, in float32."), case(*_float32(network(1.7, k=5, seed=6)))),
    ),
    draw=_draw,
    searches=4,
    elementwise=False,
    refused=("fitted_temperature", "with_fitted_temperature"),
    next_step=_("Print the loss at the temperatures 0.3, 1, 3 and 9. Between which two of them is it lowest?"),
    hints=(
        _(
            "Write the loss as a function of the temperature first: divide, then the cross-entropy that you have already written."
        ),
        _("Try many temperatures and keep the one with the lowest loss. `np.argmin` tells you its place in the list."),
        _(
            "Temperatures below 1 are as likely as those above. `np.geomspace` spaces them by equal ratios, and a few hundred are "
            "close enough together."
        ),
    ),
    misconceptions=(
        Misconception(
            "left_at_1",
            lambda logits, labels: 1.0,
            _("That changes nothing. Does the loss get lower at 2, or at one half?"),
        ),
        Misconception(
            "most_right_answers",
            _searched(GRID, lambda p, labels: -np.mean(p.argmax(axis=1) == labels)),
            _("How many answers are right at the temperatures 1, 2 and 5? Can a temperature change that number?"),
        ),
        Misconception(
            "multiplied",
            lambda logits, labels: 1 / best(logits, labels),
            _("Did you multiply the logits by your number, or divide them by it? Where is a network that is too sure?"),
        ),
        Misconception(
            "no_logarithm",
            _searched(GRID, lambda p, labels: -np.mean(p[np.arange(len(labels)), labels])),
            _("You made the mean share of the right class as large as possible. What is missing in the cross-entropy?"),
        ),
        Misconception(
            "from_1_upwards",
            _searched(np.geomspace(1, 20, 200), _cross_entropy),
            _("Can a network be less sure than it is right? Which temperature would it need?"),
        ),
        Misconception(
            "too_coarse",
            _searched(np.arange(1.0, 21.0), _cross_entropy),
            _("You tried whole numbers. What about the temperatures in between, and those below 1?"),
        ),
        Misconception(
            "steps_of_a_tenth",
            _searched(np.linspace(0.1, 20, 200), _cross_entropy),
            _("Near 0.15, how large is a step of 0.1? Which spacing would be fine at both ends?"),
        ),
        Misconception(
            "largest_loss",
            _searched(GRID, lambda p, labels: -_cross_entropy(p, labels)),
            _("You found the temperature with the highest loss. Which sign does your loss have?"),
        ),
        Misconception(
            "the_loss_itself",
            lambda logits, labels: loss_at(best(logits, labels), logits, labels),
            _("Is that the temperature, or the loss at that temperature?"),
        ),
        Misconception(
            "its_place",
            lambda logits, labels: int(np.argmin([loss_at(t, logits, labels) for t in GRID])),
            _("`np.argmin` gives a place in the list. Which temperature stands there?"),
        ),
    ),
)
