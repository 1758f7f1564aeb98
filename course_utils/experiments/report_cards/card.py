"""A report card for an activation function of your own: its curve, and how a network with it trains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import Activation, get
from course_utils.experiments.diagnosis.diagnostics import diagnose
from course_utils.experiments.diagnosis.shares import is_elementwise
from course_utils.experiments.linearity.decision_boundaries import FRESH, spirals
from course_utils.experiments.report_cards.curve_analysis import DRAWN, CurveAnalysis, look_at
from course_utils.experiments.training.networks import accuracy, cross_entropy, digits, plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands, outwards
from course_utils.plotting.style import BLACK, DASHED, LOOK, SOLID, Panels, new_axes, styled
from course_utils.texts import _

DEPTH, IMAGES = 10, 256
# On the spirals: points in each arm, how far out they reach, training steps, and Adam's first learning rate, which falls to 0.
# With these numbers chapter 6's activations get more than nine in ten points right or under seven, under rounding noise too.
POINTS, REACH, STEPS, RATE = 200, 2, 800, 0.03
PLACES = 6  # of kinks and jumps that a card names
GRAPH_ERRORS = (AttributeError, NotImplementedError, TypeError, ValueError)
# Every sentence of a card, with named fields.
WORDS = {
    "finite": _("finite, value and slope"),
    "values": _("values on [-10, 10]"),
    "slopes": _("slopes on [-10, 10]"),
    "direction": _("direction"),
    "affine": _("a straight line?"),
    "kinks": _("kinks at x ="),
    "jumps": _("jumps at x ="),
    "flat_ends": _("saturated on the"),
    "wrong_slopes": _("TensorFlow's slope fits the curve?"),
    "first": _("gradient at the first of {DEPTH} layers").format(DEPTH=DEPTH),
    "ratio": _("the same, divided by that at the last"),
    "dead": _("units dead before training"),
    "spirals": _("two spirals: right on fresh points"),
    "relu": _("two spirals with ReLU"),
    "out_to": _("out to x = -{reach:,} and {reach:,}"),
    "nowhere": _("no: inf or nan on [-10, 10]"),
    "from_to": _("{low:.3g} to {high:.3g}"),
    "band": _("all {count} seeds between {low:.1f} and {high:.1f}"),
    "overflow": _("not finite"),
    "uncounted": _("can't be counted"),
    "yes": _("yes"),
    "no": _("no"),
    "collapse": _("yes: layers collapse into one"),
    "wrong_at": _("no: not at x = {places}"),
    "more": _("{places} and {count} more"),
    "none": _("none"),
    "rises": _("rises"),
    "falls": _("falls"),
    "both": _("rises and falls"),
    "level": _("level"),
    "neither": _("neither side"),
    "sides": {"left": _("left"), "right": _("right")},
    "yours": _("your function"),
    "not_callable": _("report_card wants a function of a tensor, or a name such as 'gelu'. Got {got}."),
    "class": _("{name} is a class. Make a layer or a function of it first: {name}()."),
    "weights": _(
        "{name} has weights of its own, or gets some when it is called, so it has no one curve. Hand over what it does at"
        " given weights: lambda x: tf.nn.leaky_relu(x, 0.25) in place of a PReLU."
    ),
    "fails": _(
        "{name} can't work on a tensor ({error}). Build it from TensorFlow's functions: tf.where in place of if, tf.exp in"
        " place of math.exp."
    ),
    "dtype": _("{name} makes {got} of {expected}. An activation gives numbers of the kind that it gets."),
    "random": _("{name} gives other values each time that it is called, so it has no curve to report on."),
    "not_in_keras": _("Keras has no {name}, so it can't be trained here."),
    "not_a_tensor": (
        _(
            "{name} answers a tensor with {kind}, so TensorFlow can't work out its slope. Build it from tensors:"
            " tf.maximum or keras.ops.maximum in place of np.maximum."
        )
    ),
    "shape": _("{name} gave the shape {got} for the shape {expected}. An activation gives one number for each number."),
    "row_wise": _(
        "{name} is not elementwise: a value depends on the values beside it, so it has no curve to report on."
    ),
    "places": _("{name} doesn't do the same at each place in a tensor, so it has no one curve to report on."),
    "lost": _("its result has no known shape"),
    "graph": (
        _(
            "{name} can't be compiled into a training step ({error}). Leave out .numpy() and functions of NumPy, and put"
            " tf.where in place of if."
        )
    ),
}


@dataclass(frozen=True)
class Trial:
    """What networks made of an activation.

    Args:
        gradients: (seeds, 11) gradient norm at each layer of an untrained network of ten hidden layers of 64 units, with
            Keras's starting weights (Glorot's), on 256 digits; as in `diagnose`.
        dead: (seeds,) share of those networks' hidden units whose slope is 0 at all the digits; nan where values
            overflow or TensorFlow works out no slope.
        accuracies: (seeds,) share of right answers on fresh points of two spirals, after a small training.
    """

    gradients: np.ndarray
    dead: np.ndarray
    accuracies: np.ndarray

    @property
    def first(self) -> float:
        """Gradient norm at the first layer, median of the seeds."""
        return float(np.median(self.gradients[:, 0]))

    @property
    def first_to_last(self) -> float:
        """Gradient norm at the first hidden layer over that at the last, median of the seeds."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.median(self.gradients[:, 0] / self.gradients[:, DEPTH - 1]))

    @property
    def uncounted(self) -> bool:
        """Whether nothing overflows, and yet no unit's slope is known: TensorFlow works out none."""
        return bool(np.isfinite(self.gradients).all() and np.isnan(self.dead).any())

    def band(self) -> str:
        """The accuracies in words, rounded outwards to tenths."""
        low, high = outwards(self.accuracies, 0.1)
        return WORDS["band"].format(count=len(self.accuracies), low=low, high=high)


@dataclass(frozen=True)
class ReportCard:
    """What `report_card` found.

    Args:
        name: for titles.
        look: (colour, line style) of its curves.
        curve: a `CurveAnalysis`.
        trial: a `Trial`; None where the curve is not finite on [-10, 10].
        relu: the same trial with ReLU; None likewise.
    """

    name: str
    look: tuple
    curve: CurveAnalysis
    trial: Trial | None
    relu: Trial | None

    def table(self) -> pd.DataFrame:
        """The card: a row for each thing that was looked at."""
        rows = {**_curve_rows(self.curve), **_trial_rows(self.trial, self.relu)}
        return pd.DataFrame({self.name: {WORDS[key]: said for key, said in rows.items()}})

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Value and slope, and the gradient through ten layers compared with ReLU's."""
        return _plot(self, axes)


def report_card(function: str | Callable, *, name: str | None = None, seeds: Sequence[int] = range(3)) -> ReportCard:
    """Look at any elementwise function as an activation. It takes some seconds, for the trainings.

    Args:
        function: a function of a tensor built from tensors, a layer without weights, or the name of an entry of the catalogue.
        name: for titles; None takes the function's own.
        seeds: ints; one untrained network and one training each.

    Returns:
        A `ReportCard`.

    Raises:
        ValueError: it is no function, not elementwise, not one curve, or does not work on tensors.
    """
    function, name, look = _named(function, name)
    _check(function, name)
    curve, seeds = look_at(function), tuple(seeds)
    trials = (_try_out(function, seeds), _try_relu(seeds)) if curve.reach else (None, None)
    return ReportCard(name, look, curve, *trials)


def _named(function, name):
    """(function of a tensor, name for titles, colour and line style)."""
    if isinstance(function, str | Activation):
        entry = get(function)
        if entry.keras_name is None:
            raise ValueError(WORDS["not_in_keras"].format(name=entry.title))
        call = keras.activations.get(entry.keras_name)
        return (lambda x: call(x, **entry.keras_arguments)), name or entry.title, LOOK.get(entry.name, (BLACK, SOLID))
    if not callable(function):
        raise ValueError(WORDS["not_callable"].format(got=f"{function!r} ({type(function).__name__})"))
    if isinstance(function, type):
        raise ValueError(WORDS["class"].format(name=function.__name__))
    own = type(function).__name__ if isinstance(function, keras.Layer) else getattr(function, "__name__", "<lambda>")
    return function, name or (WORDS["yours"] if own == "<lambda>" else own), (BLACK, SOLID)


def _check(function, name):
    if isinstance(function, keras.Layer) and (function.weights or _is_to_be_built(function)):
        raise ValueError(WORDS["weights"].format(name=name))
    x = tf.constant(np.linspace(-3, 3, 16, dtype="float32").reshape(4, 4))
    try:
        y, again = function(x), function(x)
    except Exception as error:
        said = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        raise ValueError(WORDS["fails"].format(name=name, error=said)) from error
    if not tf.is_tensor(y):
        raise ValueError(WORDS["not_a_tensor"].format(name=name, kind=type(y).__name__))
    if y.shape != x.shape:
        raise ValueError(WORDS["shape"].format(name=name, got=tuple(y.shape), expected=tuple(x.shape)))
    if y.dtype != x.dtype:
        raise ValueError(WORDS["dtype"].format(name=name, got=y.dtype.name, expected=x.dtype.name))
    if not np.allclose(y, again, rtol=1e-5, equal_nan=True):
        raise ValueError(WORDS["random"].format(name=name))
    try:
        compiled = tf.function(function).get_concrete_function(x)
    except GRAPH_ERRORS as error:
        raise ValueError(WORDS["graph"].format(name=name, error=type(error).__name__)) from error
    if compiled.outputs[0].shape != x.shape:
        raise ValueError(WORDS["graph"].format(name=name, error=WORDS["lost"]))
    if not is_elementwise(function, x):
        raise ValueError(WORDS["row_wise"].format(name=name))
    if not _is_the_same_everywhere(function, x, y):
        raise ValueError(WORDS["places"].format(name=name))


def _is_the_same_everywhere(function, x, y):
    """Whether a number's place in the tensor doesn't matter."""
    flat = tf.reshape(x, -1)
    try:
        return np.allclose(function(flat[::-1])[::-1], tf.reshape(y, -1), atol=1e-6, equal_nan=True)
    except Exception:  # noqa: BLE001  # a constant for each unit doesn't fit another shape, and may say so in any way
        return False


def _is_to_be_built(layer):
    return not layer.built and type(layer).build is not keras.Layer.build


def _try_out(function, seeds):
    x, y = (part[:IMAGES] for part in digits()[:2])
    found = []
    for seed in seeds:
        network = plain_network(function, depth=DEPTH, seed=seed)
        network.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        found.append(diagnose(network, x, y))
    gradients, dead = np.array([one.gradients for one in found]), np.array([one.dead[:-1].mean() for one in found])
    return Trial(gradients, dead, np.array(_learn_spirals(function, seeds)))


@cache
def _try_relu(seeds):
    return _try_out(tf.nn.relu, seeds)


def _learn_spirals(function, seeds):
    networks = [plain_network(function, depth=3, width=32, inputs=2, outputs=2, seed=seed) for seed in seeds]
    (x, y), (fresh_x, fresh_y) = spirals(POINTS), spirals(POINTS, seed=FRESH)
    x, fresh_x = (REACH * part.astype("float32") for part in (x, fresh_x))
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS))
    trained = train_each(networks, cross_entropy, x, y, optimizer=optimizer, steps=STEPS)
    return [accuracy(network, fresh_x, fresh_y) for network in trained]


def _curve_rows(curve):
    if not curve.reach:
        return {"finite": WORDS["nowhere"]}
    low, high = (0.0 if abs(slope) < 1e-6 else slope for slope in curve.slope_range)  # there, rounding decides
    return {
        "finite": WORDS["out_to"].format(reach=curve.reach),
        "values": WORDS["from_to"].format(low=curve.value_range[0], high=curve.value_range[1]),
        "slopes": WORDS["from_to"].format(low=low, high=high),
        "direction": WORDS[_direction(curve)],
        "affine": WORDS["collapse" if curve.affine else "no"],
        "kinks": _places(curve.kinks) or WORDS["none"],
        "jumps": _places(curve.jumps) or WORDS["none"],
        "flat_ends": ", ".join(WORDS["sides"][side] for side in curve.flat_ends) or WORDS["neither"],
        "wrong_slopes": WORDS["wrong_at"].format(places=_places(curve.wrong_slopes))
        if curve.wrong_slopes
        else WORDS["yes"],
    }


def _direction(curve):
    return {(True, False): "rises", (False, True): "falls", (True, True): "both", (False, False): "level"}[
        (curve.rises, curve.falls)
    ]


def _places(places):
    shown = ", ".join(f"{x:g}" for x in places[:PLACES])
    return WORDS["more"].format(places=shown, count=len(places) - PLACES) if len(places) > PLACES else shown


def _trial_rows(trial, relu):
    if trial is None:
        return {}
    return {
        "first": _finite("{:.3g}", trial.first),
        "ratio": _finite("{:.3g}", trial.first_to_last),
        "dead": WORDS["uncounted"] if trial.uncounted else _finite("{:.1%}", np.median(trial.dead)),
        "spirals": trial.band(),
        "relu": relu.band(),
    }


def _finite(form, value):
    return form.format(value) if np.isfinite(value) else WORDS["overflow"]


@styled
def _plot(card, axes):
    axes = new_axes(2) if axes is None else axes
    colour, line = card.look
    axes[0].plot(DRAWN, card.curve.values, color=colour, ls=line, label=_("value"))
    axes[0].plot(DRAWN, card.curve.slopes, color=colour, ls=DASHED, lw=1.4, label=_("slope"))
    axes[0].set(title=card.name, xlabel="x")
    axes[0].legend()
    if card.trial is not None:
        _draw_gradients(axes[1], card.relu, *LOOK["relu"], "s", "ReLU")
        _draw_gradients(axes[1], card.trial, colour, line, "o", card.name)
        axes[1].legend(handles=list(axes[1].lines))
    axes[1].set(
        title=_("before training"), xlabel=_("layer (1 is next to the input)"), ylabel=_("gradient norm"), yscale="log"
    )
    return Panels(axes)


def _draw_gradients(ax, trial, colour, line, marker, name):
    layers = np.arange(1, trial.gradients.shape[1] + 1)
    for artist in draw_band(ax, layers, trial.gradients, name, color=colour, ls=line, marker=marker, ms=4):
        in_bands(artist, 10)  # rounding opens or shuts a ReLU's gate here and there
