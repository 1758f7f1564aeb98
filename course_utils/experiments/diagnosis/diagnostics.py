"""A look into a Keras model, layer by layer: how large its values are, how many are stuck, how much gradient arrives."""

from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import fill

import keras
import numpy as np
import tensorflow as tf
from matplotlib.ticker import NullFormatter

from course_utils.experiments.report_cards.curve_analysis import FLAT, WIDE, value_and_slope
from course_utils.experiments.training.stacked import NO_SLOPE
from course_utils.plotting.style import BLACK, BLUE, DOTTED, GREEN, ORANGE, PURPLE, Panels, new_axes, styled
from course_utils.texts import _

# Conventions of this course, not laws: where a number is worth a sentence in `Diagnosis.notes`.
MANY_DEAD, MANY_SATURATED, FAINT = 0.5, 0.7, 1e-3
WIDTH = 95  # characters of a note's line

SUMS = (
    keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D,
    keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)  # fmt: skip  # layers that end in `activation(sum)`, so that the sum can be had by leaving the activation out
ALONE = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.PReLU)
PLAIN = (keras.layers.BatchNormalization, keras.layers.LayerNormalization, keras.layers.Embedding)  # no activation
# Every sentence of a diagnosis, with named fields.
WORDS = {
    "head": (_("layer"), _("activation"), _("mean"), _("std"), _("saturated"), _("dead"), _("gradient")),
    "not_finite": _("{layer}: {count:,} of its {all:,} values are infinite or not a number."),
    "dead": _("Units dead on these inputs: {layers}."),
    "saturated": _("Values where the activation is nearly flat: {layers}."),
    "fading": _("The values hardly differ any more: std {layers}."),
    "share_in": _("{number:.0%} in {layer}"),
    "number_in": _("{number:.0e} in {layer}"),
    "faint": _("{layer}: its gradient is only {share:.0e} of the largest one."),
    "no_gradient": _("No gradient at all: no weight of these kernels would move."),
    "row_wise": _("{layer}: {activation} looks at whole rows, so no single value is saturated or dead."),
    "unread": _("{layer}: the activations of a {kind} work inside it, where diagnose can't look."),
    "inner_model": _(
        "{layer}: a model inside the model; build one that ends there, and diagnose that, to look inside."
    ),
    "not_keras": _("model must be a keras.Model, such as a keras.Sequential. Got {got}."),
    "no_graph": (
        _(
            "diagnose reads Sequential and functional models, whose layers are known before they run. {got} is neither:"
            " a class of your own can hide anything in its call(). Rebuild it as a functional model to look inside."
        )
    ),
    "not_built": _("The model has no weights yet. Give it a keras.Input, or call it once: model(x[:1])."),
    "reused": _("Layer '{layer}' is used in more than one place, so it has no output of its own to look at."),
    "no_loss": _("Gradients need a loss: call model.compile(loss=...) first, or leave y out."),
    "nothing": _("The model has no layer with weights or an activation."),
}


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` measured: one entry a layer, the layer next to the input first.

    Args:
        layers: names.
        activations: their names; "" for a layer whose activation can't be read, or that has none.
        means, deviations: (n,) mean and standard deviation of the layer's outputs, no unit.
        saturated: (n,) share of the values at which the activation's slope is under 5 % of its largest; nan where
            there is no slope to look at.
        dead: (n,) share of the units that find the slope exactly 0 at every input; nan as above.
        gradients: (n,) Euclidean norm of the loss's gradient with respect to the layer's kernel, or to all its weights
            where it has no kernel; nan where it has none that train, or no y was given.
        notes: sentences about what stands out and about what could not be looked at.
    """

    layers: tuple[str, ...]
    activations: tuple[str, ...]
    means: np.ndarray
    deviations: np.ndarray
    saturated: np.ndarray
    dead: np.ndarray
    gradients: np.ndarray
    notes: tuple[str, ...]

    def table(self):
        """One line a layer, then the notes, as text."""
        columns = [self.layers, self.activations]
        columns += [[f"{v:.3g}" for v in values] for values in (self.means, self.deviations)]
        columns += [[_or_dash(v, "{:.1%}") for v in values] for values in (self.saturated, self.dead)]
        columns += [[_or_dash(v, "{:.3g}") for v in self.gradients]]
        return "\n".join([*_aligned(columns), *(fill(note, WIDTH, subsequent_indent="  ") for note in self.notes)])

    def plot(self, axes=None):
        """Three panels over the layers: size of the values, shares saturated and dead, gradient norm."""
        return _plot(self, axes)


def diagnose(model, x, y=None):
    """Measure each layer of a Keras model on a batch, as in one training step. Nothing in the model is changed.

    Batch normalisation uses the batch's own mean and spread here and dropout drops, as in training. Layers without
    weights and without an activation, like Flatten or pooling, are passed through in silence.

    Args:
        model: a built Sequential or functional `keras.Model`, trained or not. Its Dense and convolution layers may have
            an `activation`, or activations may be layers of their own (Activation, ReLU, LeakyReLU, ELU, PReLU). Units
            are counted along the last axis.
        x: inputs, as the model takes them; a few hundred examples are enough. Dead means: dead on these.
        y: targets; with them the gradients of the loss that the model was compiled with are measured.

    Returns:
        A `Diagnosis`.

    Raises:
        ValueError: the model can't be looked into, or y is given but the model has no loss.
    """
    layers = _layers_of(model)
    if y is not None and getattr(model, "loss", None) is None:
        raise ValueError(WORDS["no_loss"])
    inputs, outputs, gradients = _one_step(model, layers, x, y)
    rows = [_one_layer(*triple) for triple in zip(layers, inputs, outputs, strict=True)]
    names, means, deviations, saturated, dead, notes = zip(*rows, strict=True)
    numbers = map(np.array, (means, deviations, saturated, dead, gradients))
    found = Diagnosis(tuple(layer.name for layer in layers), names, *numbers, ())
    return Diagnosis(**{**vars(found), "notes": (*_standing_out(found), *(note for note in notes if note))})


def _layers_of(model):
    if not isinstance(model, keras.Model):
        raise ValueError(WORDS["not_keras"].format(got=f"{model!r} ({type(model).__name__})"))
    if not isinstance(model, keras.Sequential) and not getattr(model, "inputs", None):
        raise ValueError(WORDS["no_graph"].format(got=type(model).__name__))
    inner = [getattr(layer, "activation", None) for layer in getattr(model, "layers", [])]
    if not all(layer.built for layer in [model, *inner] if isinstance(layer, keras.Layer)):
        raise ValueError(WORDS["not_built"])
    layers = [layer for layer in model.layers if layer.weights or isinstance(layer, (*ALONE, keras.layers.Activation))]
    for layer in layers:
        if len(layer._inbound_nodes) != 1:
            raise ValueError(WORDS["reused"].format(layer=layer.name))
    if not layers:
        raise ValueError(WORDS["nothing"])
    return layers


def _one_step(model, layers, x, y):
    """Each layer's input and output, and the norm of its gradient; the state that a step would change stays apart."""
    start, end = _ends(model)
    parts = {"said": end, "inputs": [la.input for la in layers], "outputs": [la.output for la in layers]}
    inside = keras.Model(start, parts)
    variables = model.trainable_variables
    weights = [tf.convert_to_tensor(v.value) for v in variables]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            seen = inside(x, training=True)
            loss = None if y is None else model.compute_loss(x=x, y=y, y_pred=seen["said"])
    gradients = [] if y is None else tape.gradient(loss, weights, unconnected_gradients="zero")
    found = dict(zip(map(id, variables), gradients, strict=y is not None))
    return seen["inputs"], seen["outputs"], [_norm([found.get(id(v)) for v in _measured(la)]) for la in layers]


def _ends(model):
    """The model's inputs and outputs, as it takes and gives them; a Sequential has one of each."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return model.input, model.output


def _measured(layer):
    kernel = getattr(layer, "kernel", None)
    return layer.trainable_weights if kernel is None else [kernel]


def _norm(gradients):
    parts = [tf.norm(tf.convert_to_tensor(g)) for g in gradients if g is not None]
    return float(tf.norm(parts)) if parts else np.nan


def _one_layer(layer, before, after):
    """(activation's name, mean, deviation, share saturated, share dead, note or None)."""
    values = np.concatenate([np.ravel(part).astype(float) for part in keras.tree.flatten(after)])
    with np.errstate(invalid="ignore", over="ignore"):
        mean, deviation = values.mean(), values.std()
    size = _without_rounding(mean, deviation)
    if wrong := np.count_nonzero(~np.isfinite(values)):
        note = WORDS["not_finite"].format(layer=layer.name, count=wrong, all=values.size)
        return _name(layer), *size, np.nan, np.nan, note
    if isinstance(layer, PLAIN):
        return "", *size, np.nan, np.nan, None
    if not isinstance(layer, (*SUMS, *ALONE, keras.layers.Activation)):
        word = "inner_model" if isinstance(layer, keras.Model) else "unread"
        return "", *size, np.nan, np.nan, WORDS[word].format(layer=layer.name, kind=type(layer).__name__)
    return _name(layer), *size, *_shares(layer, before)


def _without_rounding(mean, deviation):
    """A mean or a deviation that is only what float32's rounding leaves of a 0, is a 0: its digits differ by machine."""
    small, flat = abs(mean) < 1e-5 * deviation, deviation < 1e-6 * abs(mean)
    return 0.0 if small else mean, 0.0 if flat else deviation


def _shares(layer, before):
    """(share saturated, share dead, note or None) of a layer whose activation can be read."""
    with _without_activation(layer):
        z = layer(before) if isinstance(layer, SUMS) else before
    function = layer if isinstance(layer, ALONE) else layer.activation
    if not is_elementwise(function, z):
        return np.nan, np.nan, WORDS["row_wise"].format(layer=layer.name, activation=_name(layer))
    slopes = np.abs(value_and_slope(function, z)[1]).reshape(-1, z.shape[-1])
    largest = np.abs(value_and_slope(function, _grid(function, z))[1]).max()
    return np.mean(slopes <= FLAT * largest), np.mean((slopes <= NO_SLOPE * largest).all(axis=0)), None


@contextmanager
def _without_activation(layer):
    """The layer gives its plain sum. Past Keras's own bookkeeping, which takes a changed attribute for new state."""
    if not isinstance(layer, SUMS):
        yield
        return
    kept = layer.__dict__["activation"]
    layer.__dict__["activation"] = None
    try:
        yield
    finally:
        layer.__dict__["activation"] = kept


def _name(layer):
    function = layer if isinstance(layer, ALONE) else getattr(layer, "activation", None)
    name = getattr(function, "__name__", None) or type(function).__name__
    return "" if function is None else "a lambda" if name == "<lambda>" else name


def is_elementwise(function, z):
    """Whether a function of a tensor gives each number's result from that number alone.

    Then more columns beside it change nothing, as they do for softmax.

    Args:
        function: of a tensor.
        z: a tensor; some of its rows are tried.

    Returns:
        bool.
    """
    if isinstance(function, keras.layers.PReLU):
        return True  # each unit has a slope of its own, so it takes no more columns
    row = tf.reshape(z, (-1, z.shape[-1]))[:16]
    wider = tf.concat([row, row + 1], axis=-1)
    alone, beside = function(row), function(wider)
    return alone.shape == row.shape and np.allclose(alone, beside[:, : row.shape[-1]], atol=1e-6, equal_nan=True)


def _grid(function, z):
    if isinstance(function, keras.layers.PReLU):
        return np.multiply.outer([-1.0, 1.0], np.ones(z.shape[1:])).astype("float32")
    return WIDE[::10]


def _standing_out(found):
    """A sentence for each kind of number that goes beyond the conventions above."""
    dead = found.dead > MANY_DEAD
    saturated = (found.saturated > MANY_SATURATED) & ~dead
    hidden = found.deviations[:-1]
    fading = np.append(hidden < FAINT * np.max(hidden, initial=0), False) & ~dead
    kinds = {
        "dead": (dead, found.dead),
        "saturated": (saturated, found.saturated),
        "fading": (fading, found.deviations),
    }
    for word, (which, numbers) in kinds.items():
        form = WORDS["number_in" if word == "fading" else "share_in"]
        said = [form.format(layer=found.layers[place], number=numbers[place]) for place in np.flatnonzero(which)]
        if said:
            yield WORDS[word].format(layers=", ".join(said))
    largest = max(found.gradients[np.isfinite(found.gradients)], default=np.nan)
    if largest == 0:
        yield WORDS["no_gradient"]
    elif largest > 0:
        shares = found.gradients / largest
        faintest = np.nanargmin(shares)
        if shares[faintest] < FAINT:
            yield WORDS["faint"].format(layer=found.layers[faintest], share=shares[faintest])


def _or_dash(value, form):
    return "-" if np.isnan(value) else form.format(value)


def _aligned(columns):
    """Lines of a table with its layers numbered: the first three columns to the left, the numbers to the right."""
    columns = [["", *map(str, range(1, len(columns[0]) + 1))]] + [
        [head, *column] for head, column in zip(WORDS["head"], columns, strict=True)
    ]
    widths = [max(map(len, column)) for column in columns]
    for row in zip(*columns, strict=True):
        cells = [
            cell.ljust(width) if place < 3 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


@styled
def _plot(found, axes):
    axes = new_axes(1, 3, height=6.6, sharex=True) if axes is None else axes
    places = np.arange(1, len(found.layers) + 1)
    axes[0].plot(places, _positive(found.deviations), color=BLUE, marker="o", label=_("std"))
    axes[0].plot(places, _positive(np.abs(found.means)), color=BLACK, ls=DOTTED, marker="^", label=_("absolute mean"))
    axes[1].bar(places - 0.2, found.saturated, 0.4, color=ORANGE, label=_("saturated"))
    axes[1].bar(places + 0.2, found.dead, 0.4, color=PURPLE, hatch="//", label=_("dead"))
    trained = np.isfinite(found.gradients)
    gradients = _positive(found.gradients[trained])
    axes[2].plot(places[trained], gradients, color=GREEN, marker="s", label=_("gradient norm"))
    for ax, what in zip(axes, ("values", "share", "gradient norm"), strict=True):
        ax.set_ylabel(what)
    for ax in axes[:2]:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    axes[1].set_ylim(0, 1.05)
    axes[2].set(xlabel=_("layer (1 is next to the input)"), xticks=places)
    _whole_decades(axes[0], [*found.deviations, *np.abs(found.means)])
    _whole_decades(axes[2], gradients)
    return Panels(axes)


def _positive(values):
    """A logarithmic axis has no place for 0: leave a gap."""
    return np.where(values > 0, values, np.nan)


def _whole_decades(ax, values):
    """A logarithmic axis from one power of ten to another, so that small differences look small."""
    exponents = np.log10([value for value in values if value > 0])
    if len(exponents):
        low, high = np.floor(exponents.min() - 0.01), np.ceil(exponents.max() + 0.01)
        ax.set(yscale="log", ylim=(10.0**low, 10.0**high))
        ax.yaxis.set_minor_formatter(NullFormatter())
