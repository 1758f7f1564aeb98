"""Exercise: which output layer and loss for which task."""

import difflib

import numpy as np

from course_utils.checking.answer_parts import called, tell
from course_utils.checking.spec import Case, Exercise, Misconception, about, case, reject
from course_utils.texts import _, ngettext

PROMPT = _(r"""
Choose the last layer and the loss for a task. Return `(units, activation, loss)`: a whole number, the name of an activation (or `None`
for none), the name of a loss, just as you would write them in `Dense(units, activation)` and `compile(loss=loss)`.

| `task` | the target | what the network is to say |
|---|---|---|
| `"regression"` | a number: negative, 0 or positive, of any size | such a number, nothing bent or cut off |
| `"binary"` | a label, 0 or 1 | the probability that the label is 1, or two probabilities, one for each label |
| `"multiclass"` | a label, one whole number from 0 to `classes` - 1 | a probability for each of the `classes` classes, exactly one of which is right |
| `"multilabel"` | `classes` zeros and ones, several of which may be 1 | for each label a probability of its own |
| `"bounded"` | a number known to lie between -1 and 1, both excluded | always a number in there as well |

- `classes` is given for `"multiclass"` (3 or more) and `"multilabel"` (2 or more), not for the others.
- The labels stay as the table says; nobody turns them into one-hot rows first. The loss is given by its name, so it has Keras's defaults:
  `from_logits` is False.
- On paper a probability is never 0 or 1 itself, and its loss is a cross-entropy of one kind or another: a squared error hardly corrects a
  confident mistake. For a number, the loss is a distance that can cope with a target of 0, and with negative targets.
- Write names as Keras takes them, capitals included. For most tasks several answers are sound, and each of them passes.
""")

EXPLANATION = _(r"""
**Why it is right.** The activation decides what the last layer *can say*, the loss what it is *asked*.

- Any number: no activation, and a distance such as the mean squared error.
- One yes or no: one sigmoid and the binary cross-entropy. (Two softmax units with the sparse categorical one say the same.)
- One of many: a softmax, because the shares have to add up to 1, and the *sparse* categorical cross-entropy, because each label is
  one number.
- Several of many: as many sigmoids, each its own yes or no, and the binary cross-entropy for all of them.
- A number between -1 and 1: tanh, which reaches every number in there and none outside, and a distance.

**The tempting wrong answers.** One softmax unit is 1 for every input: the loss falls, as Keras computes it from the numbers before the
softmax, and every prediction is 1.0. Softmax for several labels makes them compete, although several can be right. A ReLU or sigmoid at the
end of a regression cuts off all that it can't reach. And without an activation the name of a cross-entropy asks the wrong
question: it takes the logits for probabilities.
""")


def output_layer(task, classes=None):
    return {
        "regression": (1, None, "mse"),
        "binary": (1, "sigmoid", "binary_crossentropy"),
        "multiclass": (classes, "softmax", "sparse_categorical_crossentropy"),
        "multilabel": (classes, "sigmoid", "binary_crossentropy"),
        "bounded": (1, "tanh", "mse"),
    }[task]


# What a loss asks, in words.
QUESTIONS = {
    "distance": _("a distance between numbers"),
    "yes_or_no": _("one yes or no for each unit"),
    "class_number": _("one class among several, given by its number"),
    "one_hot": _("one class among several, given by a one-hot row"),
    "relative": _("a distance divided by the target"),
    "logarithms": _("a distance between logarithms"),
    "margin": _("a margin, not a probability"),
    "distributions": _("a distance between two distributions"),
    "count": _("a count"),
    "direction": _("a direction"),
    "overlap": _("how much two areas overlap"),
    "sequence": _("a sequence"),
    "examples": _("a distance between examples"),
}
# Keras's names for the same loss -> what it asks, a key of `QUESTIONS`.
LOSSES = {
    ("mse", "MSE", "mean_squared_error", "MeanSquaredError"): "distance",
    ("mae", "MAE", "mean_absolute_error", "MeanAbsoluteError"): "distance",
    ("huber", "Huber"): "distance",
    ("log_cosh", "LogCosh"): "distance",
    ("bce", "BCE", "binary_crossentropy", "BinaryCrossentropy"): "yes_or_no",
    ("binary_focal_crossentropy", "BinaryFocalCrossentropy"): "yes_or_no",
    ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"): "class_number",
    ("categorical_crossentropy", "CategoricalCrossentropy"): "one_hot",
    ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy"): "one_hot",
    ("mape", "MAPE", "mean_absolute_percentage_error", "MeanAbsolutePercentageError"): "relative",
    ("msle", "MSLE", "mean_squared_logarithmic_error", "MeanSquaredLogarithmicError"): "logarithms",
    ("hinge", "Hinge", "squared_hinge", "SquaredHinge", "categorical_hinge", "CategoricalHinge"): "margin",
    ("kld", "KLD", "kl_divergence", "KLDivergence"): "distributions",
    ("poisson", "Poisson"): "count",
    ("cosine_similarity", "CosineSimilarity"): "direction",
    ("dice", "Dice", "tversky", "Tversky"): "overlap",
    ("ctc", "CTC"): "sequence",
    ("circle", "Circle"): "examples",
}  # fmt: skip
ASKS = {name: asked for names, asked in LOSSES.items() for name in names}
BY_SHAPE = ("crossentropy", "ce")  # Keras's compile chooses by the shapes of labels and predictions

# Keras's activations -> what the last layer can say with them, in words.
SAYS = {
    None: _("any number"),
    "linear": _("any number"),
    "sigmoid": _("numbers between 0 and 1, each on its own"),
    "softmax": _("probabilities that sum to 1"),
    "tanh": _("numbers between -1 and 1"),
    "softsign": _("numbers between -1 and 1"),
    "relu": _("no number below 0"),
    "relu6": _("numbers from 0 to 6"),
    "softplus": _("numbers above 0"),
    "exponential": _("numbers above 0"),
    "squareplus": _("numbers above 0"),
    "sparse_plus": _("no number below 0"),
    "hard_sigmoid": _("numbers from 0 to 1, both included, with slope 0 there"),
    "sparse_sigmoid": _("numbers from 0 to 1, both included, with slope 0 there"),
    "hard_tanh": _("numbers from -1 to 1, both included, with slope 0 there"),
    "log_sigmoid": _("numbers below 0"),
    "log_softmax": _("logarithms of probabilities, none above 0"),
    "sparsemax": _("probabilities that sum to 1, some of them exactly 0"),
    "glu": _("half as many numbers as units"),
    "threshold": _("nothing without two more arguments"),
} | dict.fromkeys(("celu", "elu", "gelu", "selu", "silu", "swish", "mish", "hard_silu", "hard_swish"), _("no number far below 0")) | dict.fromkeys(
    ("leaky_relu", "soft_shrink", "hard_shrink", "tanh_shrink"), _("any number, but bent on the way")
)  # fmt: skip

WANTED = {
    "regression": _("any number, nothing bent or cut off"),
    "binary": _("a probability, never 0 or 1 itself"),
    "multiclass": _("probabilities that exclude each other"),
    "multilabel": _("for each class a probability of its own"),
    "bounded": _("any number between -1 and 1, and no other"),
}
ASKED = {
    "regression": _("a distance between numbers, 0 and negative ones too"),
    "binary": _("a cross-entropy for labels that are 0 or 1"),
    "multiclass": _("a cross-entropy for labels that are one whole number each"),
    "multilabel": _("a cross-entropy for a yes or no in each class"),
    "bounded": _("a distance between numbers, 0 and negative ones too"),
}
# Units -> activations -> what the loss has to ask, a key of `QUESTIONS`; None stands for `classes`.
SOUND = {
    "regression": {1: ((None, "linear"), "distance")},
    "binary": {
        1: (("sigmoid",), "yes_or_no"),
        2: (("softmax",), "class_number"),
    },
    "multiclass": {None: (("softmax",), "class_number")},
    "multilabel": {None: (("sigmoid",), "yes_or_no")},
    "bounded": {1: (("tanh", "softsign"), "distance")},
}

NEXT = {
    "form": _('For example `return (3, "relu", "mae")`: three things, with commas between them.'),
    "units": _("How many numbers does the network have to say for one example? Look at the table's last column."),
    "activation": _(
        "Which numbers can come out of your last layer? Can each target be reached, and nothing that makes no sense?"
    ),
    "logits": _(
        "A name comes with `from_logits=False`: the loss takes what the layer says for probabilities. Are they?"
    ),
    "loss": _(
        "What does one target look like: a number, a 0 or 1, a whole number for a class, a row? Which loss takes it as it is?"
    ),
}


def _accepts(case, value):
    task, classes = case.args[0], case.kwargs.get("classes")
    call = called("output_layer", case)
    if not isinstance(value, list) or len(value) != 3:
        sentence = _("For `{call}` you returned {got}; expected three things: units, activation and loss.")
        return reject("form", sentence, NEXT["form"], call=call, got=tell(value))
    units, activation, loss = value
    if not _whole(units):
        sentence = _("For `{call}` your units are {got}; expected a whole number.")
        return reject("no_units", sentence, NEXT["form"], call=call, got=tell(units))
    if not (activation is None or isinstance(activation, str)) or activation not in SAYS:
        sentence = _("For `{call}` your activation is {got}; expected a name that Keras knows, or None.")
        return reject("no_activation", sentence, _near(activation, SAYS), call=call, got=tell(activation))
    if not isinstance(loss, str) or (loss not in ASKS and loss.lower() not in BY_SHAPE):
        sentence = _("For `{call}` your loss is {got}; expected a name that Keras knows.")
        return reject("no_loss", sentence, _near(loss, ASKS), call=call, got=tell(loss))
    return _judged(call, task, classes, int(units), activation, loss)


def _judged(call, task, classes, units, activation, loss):
    """The first thing that is not sound in three names that Keras knows."""
    sound = {classes if n is None else n: choice for n, choice in SOUND[task].items()}
    if units not in sound:
        wanted = _(" or ").join(map(str, sound))
        sentence = ngettext(
            "For `{call}` your last layer has {units} unit; expected {wanted}.",
            "For `{call}` your last layer has {units} units; expected {wanted}.",
            units,
        )
        return reject("units", sentence, NEXT["units"], call=call, units=units, wanted=wanted)
    activations, asked = sound[units]
    if activation not in activations:
        says = _("nothing but 1") if (units, activation) == (1, "softmax") else SAYS[activation]
        sentence = ngettext(
            "For `{call}` {units} unit with activation {activation!r} can say: {says}; expected: {wanted}.",
            "For `{call}` {units} units with activation {activation!r} can say: {says}; expected: {wanted}.",
            units,
        )
        next_step = NEXT["logits" if activation in (None, "linear") and task != "bounded" else "activation"]
        words = {"says": says, "wanted": WANTED[task]}
        return reject("activation", sentence, next_step, words=words, call=call, units=units, activation=activation)
    return _wrong_loss(call, loss, task, asked)


def _wrong_loss(call, loss, task, asked):
    """Why a loss that asks something else than is asked is rejected, or None."""
    question, words = ASKS.get(loss), {"wanted": ASKED[task]}
    if loss.lower() not in BY_SHAPE:
        if question == asked:
            return None
        sentence = _("For `{call}` your loss asks for {question}; expected {wanted}.")
        words["question"], loss = QUESTIONS[question], question
    elif asked == "distance":
        sentence = _("For `{call}` the loss {loss!r} asks for a class; expected {wanted}.")
    elif task == "multilabel":
        sentence = _("For `{call}` Keras takes {loss!r} for the loss of one class among several; expected {wanted}.")
    else:
        return None
    return reject("loss", sentence, NEXT["loss"], words=words, call=call, loss=loss)


def _whole(units):
    return isinstance(units, np.ndarray) and units.shape == () and units.dtype.kind in "iu"


def _near(got, names):
    """What to do about a name that Keras doesn't know: the nearest that it does, or how an answer looks."""
    names = [name for name in names if name]
    near = (
        difflib.get_close_matches(got, names, 1) or difflib.get_close_matches(got.lower(), names, 1)
        if isinstance(got, str)
        else []
    )
    return _("Did you mean {near!r}?").format(near=near[0]) if near else NEXT["form"]


def _draw(rng):
    return Case((str(rng.choice(["multiclass", "multilabel"])),), {"classes": int(rng.integers(3, 1001))})


# ---- what learners write in place of it


def _with(**changed):
    """The model answer with other choices for some tasks; `n` stands for the classes."""

    def wrong(task, classes=None):
        choice = changed.get(task, output_layer(task, classes))
        return tuple(classes if part == "n" else part for part in choice)

    return wrong


def _turned(task, classes=None):
    units, activation, loss = output_layer(task, classes)
    return activation, units, loss


EXERCISE = Exercise(
    place=20,
    title=_("The last layer"),
    difficulty="medium",
    minutes=12,
    points=2,
    prompt=PROMPT,
    solution=output_layer,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("A number without limits."), case("regression")),
        *about(_("One yes or no."), case("binary")),
        *about(_("One class of a few."), case("multiclass", classes=3)),
        *about(_("One class of many."), case("multiclass", classes=10)),
        *about(_("Several classes at once."), case("multilabel", classes=3)),
        *about(_("Many classes at once."), case("multilabel", classes=20)),
        *about(_("Two classes that do not exclude each other."), case("multilabel", classes=2)),
        *about(_("A number with limits."), case("bounded")),
    ),
    draw=_draw,
    accepts=_accepts,
    next_step=_("Take the tasks one at a time: which numbers can come out of your last layer, and which should?"),
    hints=(
        _(
            "Ask of each task first: how many numbers are to come out, and between which limits? That gives units and activation."
        ),
        _(
            "Do the probabilities of a task share one certainty, or is each a yes or no of its own? Two activations answer that."
        ),
        _(
            "The loss has to take the target as it is: a plain number, a 0 or 1 for each unit, or the number of a class. Which of "
            "Keras's cross-entropies is called *sparse*, and why?"
        ),
    ),
    misconceptions=(
        Misconception(
            "softmax_on_one_unit",
            _with(binary=(1, "softmax", "binary_crossentropy")),
            _("What does a softmax over a single number give, whatever the number?"),
        ),
        Misconception(
            "no_activation_for_binary",
            _with(binary=(1, None, "binary_crossentropy")),
            _(
                "A name comes with `from_logits=False`, so the loss takes your numbers for probabilities. What if one is 3?"
            ),
        ),
        Misconception(
            "no_activation_for_classes",
            _with(
                binary=(1, None, "binary_crossentropy"),
                multiclass=("n", None, "sparse_categorical_crossentropy"),
                multilabel=("n", None, "binary_crossentropy"),
            ),
            _(
                "All three tasks with classes lack the same thing. What does `from_logits=False` say about the numbers that a loss gets?"
            ),
        ),
        Misconception(
            "no_activation_for_multiclass",
            _with(multiclass=("n", None, "sparse_categorical_crossentropy")),
            _("With `from_logits=False` the loss takes the outputs for probabilities. Do yours sum to 1?"),
        ),
        Misconception(
            "sigmoids_for_one_of_many",
            _with(multiclass=("n", "sigmoid", "sparse_categorical_crossentropy")),
            _("Only one class can be right. What do your outputs for one example sum to, and what should they?"),
        ),
        Misconception(
            "softmax_for_several_of_many",
            _with(multilabel=("n", "softmax", "binary_crossentropy")),
            _("Three labels may be 1 at once. Can three of your outputs be near 1 together?"),
        ),
        Misconception(
            "one_hot_loss",
            _with(multiclass=("n", "softmax", "categorical_crossentropy")),
            _(
                "What does one label look like: a row of zeros with a single 1, or a whole number? Which of the two does your loss take?"
            ),
        ),
        Misconception(
            "binary_loss_for_many",
            _with(multiclass=("n", "softmax", "binary_crossentropy")),
            _("Your loss asks a yes or no of each unit. What does one label of this task look like?"),
        ),
        Misconception(
            "one_of_many_loss_for_several",
            _with(multilabel=("n", "sigmoid", "categorical_crossentropy")),
            _("Your loss believes that exactly one class is right. How many may be, in this task?"),
        ),
        Misconception(
            "class_number_as_a_number",
            _with(multiclass=(1, None, "mse")),
            _("Is class 4 twice as much as class 2? How many numbers must come out so that each class gets its own?"),
        ),
        Misconception(
            "one_unit_for_several",
            _with(multilabel=(1, "sigmoid", "binary_crossentropy")),
            _("How many yes-or-no questions does this task ask of one example?"),
        ),
        Misconception(
            "relu_at_the_end",
            _with(regression=(1, "relu", "mse")),
            _("Which targets can your last layer never reach?"),
        ),
        Misconception(
            "sigmoid_at_the_end",
            _with(regression=(1, "sigmoid", "mse")),
            _("A target may be 250. What is the largest number that your last layer can say?"),
        ),
        Misconception(
            "squared_error_for_a_class",
            _with(binary=(1, "sigmoid", "mse")),
            _("What happens to the gradient of a squared error where the sigmoid is flat, at a confident mistake?"),
        ),
        Misconception(
            "bounds_ignored",
            _with(bounded=(1, None, "mse")),
            _("Can your last layer say 7? The target never is, and something at the end of the network should know."),
        ),
        Misconception(
            "wrong_bounds",
            _with(bounded=(1, "sigmoid", "mse")),
            _("The target may be -0.5. Can your last layer say that?"),
        ),
        Misconception(
            "cross_entropy_for_a_number",
            _with(bounded=(1, "tanh", "binary_crossentropy")),
            _("Is the target a class, or a number? What should a prediction of 0.3 cost if the target is -0.2?"),
        ),
        Misconception(
            "order",
            _turned,
            _("Nothing is wrong but the order: which of the three comes first in `Dense(...)`?"),
        ),
    ),
)
