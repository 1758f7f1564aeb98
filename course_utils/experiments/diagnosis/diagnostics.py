"""A look into a Keras model, layer by layer: how large its values are, how many are stuck, how much gradient arrives."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from course_utils.experiments.diagnosis.batch import as_tensors, compare_lengths, explain_shape, parts_of
from course_utils.experiments.diagnosis.reading import Reading, name_of_operation
from course_utils.experiments.diagnosis.recording import SUMS
from course_utils.experiments.diagnosis.shares import count
from course_utils.experiments.diagnosis.training_step import Step
from course_utils.plotting.style import BLACK, BLUE, DOTTED, GREEN, ORANGE, PURPLE, Panels, new_axes, styled
from course_utils.texts import _

# Conventions of this course, not laws: where a number is worth a sentence in `Diagnosis.notes`.
MANY_DEAD, MANY_SATURATED, FAINT = 0.5, 0.7, 1e-3
WIDTH = 95  # characters of a note's line

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
    "cut_off": _("No gradient arrives: {layers}."),
    "no_gradient": _("No gradient at all: no weight of these kernels would move."),
    "row_wise": _("{layer}: {activation} looks at whole rows, so no single value is saturated or dead."),
    "batch_wise": _(
        "{layer}: {activation} looks at several examples at once, so no single value is saturated or dead."
    ),
    "changes": _("{layer}: {activation} gives other values each time, so no share is counted."),
    "no_slope": _(
        "{layer}: TensorFlow works out no slope of {activation}, so no gradient passes and no share is counted."
    ),
    "wild_slope": _("{layer}: the slope of {activation} is infinite or not a number at some of its values."),
    "unread": _("unread"),  # in the column of activations
    "inside": _("Activations work inside these, where diagnose can't look: {layers}."),
    "strange": _("What these do with their values can't be read: {layers}."),
    "between": _("These compute something between their layers that diagnose can't see: {layers}."),
    "of_kind": _("{layer} ({kind})"),
    "operations": _("Operations between the layers that can't be read: {layers}."),
    "unknown_use": _("What happens to their sums next can't be read, so no shares are given: {layers}."),
    "repeated": _("Called more than once, and counted over all calls: {layers}."),
    "times": _("{layer} ({count} times)"),
    "partly": _("{layer}: its kernel doesn't train, so the gradient is that of {weights}."),
    "wild_gradient": _("The gradient is infinite or not a number: {layers}."),
    "overflow": _("not finite"),
    "not_keras": _("model must be a keras.Model, such as a keras.Sequential. Got {got}."),
    "legacy": _(
        "model is one of Keras 2 ({module}), and diagnose reads those of Keras 3. Remove TF_USE_LEGACY_KERAS from the"
        " environment, or build the model with keras in place of tf_keras."
    ),
    "class": _("model is the class {name}. Hand over a model made of it: {name}(...)."),
    "not_built": _("The model has no weights yet. Give it a keras.Input, or call it once: model(x[:1])."),
    "part_not_built": _(
        "{layer} ({kind}) has no weights yet: it gets them when it is called first. Call the model once, model(x[:1]), and"
        " then diagnose it."
    ),
    "no_loss": _("Gradients need a loss: call model.compile(loss=...) first, or leave y out."),
    "nothing": _("The model has no layer with weights or an activation."),
}
TROUBLES = {
    "rows": "row_wise",
    "examples": "batch_wise",
    "changes": "changes",
    "slope": "no_slope",
    "not finite": "wild_slope",
}
LEGACY = ("tf_keras", "tensorflow.python.keras", "keras.engine")


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What `diagnose` measured: one entry a layer, the layer next to the input first. It shows itself: table, then notes.

    Args:
        layers: names.
        activations: their names; "" for a layer that has none, "unread" for one that diagnose doesn't understand.
        means, deviations: (n,) mean and standard deviation of the layer's outputs, no unit.
        saturated: (n,) share of the values at which the activation's slope is under 5 % of its largest; nan where
            there is no slope to look at, or what becomes of the values is not understood.
        dead: (n,) share of the units that find a slope of 0, or under a millionth of its largest, at every input; nan as above.
        gradients: (n,) Euclidean norm of the loss's gradient with respect to the layer's kernel, or to all its weights
            that train where its kernel doesn't or it has none; nan where none train, or no y was given; inf where it is
            infinite or not a number.
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

    def table(self) -> pd.DataFrame:
        """A row a layer, rounded for reading; what can't be measured is a dash."""
        columns = [self.activations]
        columns += [[f"{v:.3g}" for v in values] for values in (self.means, self.deviations)]
        columns += [[_or_dash(v, "{:.1%}") for v in values] for values in (self.saturated, self.dead)]
        columns += [[WORDS["overflow"] if np.isinf(v) else _or_dash(v, "{:.2g}") for v in self.gradients]]
        first, *head = WORDS["head"]
        return pd.DataFrame(dict(zip(head, columns, strict=True)), index=pd.Index(self.layers, name=first))

    def __repr__(self):
        notes = (fill(note, WIDTH, subsequent_indent="  ") for note in self.notes)
        return "\n".join([self.table().to_string(), *notes])

    def _repr_html_(self):
        with pd.option_context("display.max_colwidth", None):  # nothing is cut
            table = self.table().to_html(notebook=True)
        notes = "".join(f"<li>{escape(note, quote=False)}</li>" for note in self.notes)
        return f"{table}<ul>{notes}</ul>" if notes else table

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Three panels over the layers: size of the values, shares saturated and dead, gradient norm."""
        return _plot(self, axes)


def diagnose(model: keras.Model, x: Any, y: Any = None) -> Diagnosis:
    """Measure each layer of a Keras model on a batch, as in one training step. Nothing in the model is changed.

    Batch normalisation uses the batch's own mean and spread here and dropout drops, as in training. Layers without
    weights and without an activation, like Flatten or pooling, are passed through in silence. The model is watched while
    it runs, so models inside it are looked into, and an activation is read in whatever form it comes: as an argument, a
    layer, a function between layers, a layer of your own. What can't be read is named, and nothing is counted there.

    Args:
        model: a built `keras.Model`, trained or not: Sequential, functional, loaded, or a class of your own. Units are
            counted along the last axis, or the first one after the examples behind convolutions with channels first.
        x: inputs, as the model takes them: arrays, tables, lists or tensors; a few hundred examples are enough. Dead
            means: dead on these.
        y: targets; with them the gradients of the loss that the model was compiled with are measured.

    Returns:
        A `Diagnosis`.

    Raises:
        ValueError: the model can't be looked into, x is no batch for it, or y is given but the model has no loss.
    """
    _check(model)
    x = as_tensors(x, "x", parts_of(getattr(model, "inputs", None)))
    if y is not None:
        if getattr(model, "loss", None) is None:
            raise ValueError(WORDS["no_loss"])
        y = as_tensors(y, "y", parts_of(getattr(model, "outputs", None)))
        compare_lengths(x, y)
    step = Step(model)
    with step.without_consequences():
        try:
            step.run(x, y)
        except Exception:
            if (layer := step.recorder.unbuilt) is not None:
                said = WORDS["part_not_built"].format(layer=layer.name, kind=type(layer).__name__)
                raise ValueError(said) from None
            explain_shape(model, x)
            raise
        reading = Reading(step.recorder.call)
        rows = _rows(reading, None if y is None else step.gradients)
    if not rows:
        raise ValueError(WORDS["nothing"])
    found = Diagnosis(*map(tuple, zip(*((row.name, row.activation) for row in rows), strict=True)), *_numbers(rows), ())
    return Diagnosis(**{**vars(found), "notes": (*_standing_out(found), *_about(rows, reading))})


def _check(model):
    if isinstance(model, type):
        raise ValueError(WORDS["class"].format(name=model.__name__))
    if not isinstance(model, keras.Model):
        for kind in type(model).__mro__:
            if kind.__module__.startswith(LEGACY):
                raise ValueError(WORDS["legacy"].format(module=kind.__module__.partition(".")[0]))
        raise ValueError(WORDS["not_keras"].format(got=f"{model!r} ({type(model).__name__})"))
    if isinstance(model, keras.Sequential) and not model.layers:
        raise ValueError(WORDS["nothing"])
    if not model.built:
        raise ValueError(WORDS["not_built"])


@dataclass
class _Row:
    name: str
    calls: int
    activation: str = ""
    mean: float = np.nan
    deviation: float = np.nan
    saturated: float = np.nan
    dead: float = np.nan
    gradient: float = np.nan
    note: str = ""
    kind: str = ""
    unread: str = ""
    unknown_use: bool = False
    partly: str = ""


def _numbers(rows):
    return (np.array([getattr(r, n) for r in rows]) for n in ("mean", "deviation", "saturated", "dead", "gradient"))


def _rows(reading, gradients):
    """A row for each layer that the calls belong to, the first that was called first."""
    first = any(_channels_first(sight.part) for sight in reading.sights)
    groups, names, rows = {}, Counter(), []
    for sight in reading.sights:
        groups.setdefault(sight.key, []).append(sight)
    for sights in groups.values():
        name = sights[0].name
        names[name] += 1
        row = _Row(name if names[name] == 1 else f"{name} ({names[name]})", len(sights))
        _measure(row, sights, reading, first)
        if gradients is not None:
            row.gradient, row.partly = _gradient(sights[0], gradients)
        rows.append(row)
    return rows


def _channels_first(part):
    return isinstance(part, SUMS) and getattr(part, "data_format", None) == "channels_first"


def _measure(row, sights, reading, first):
    """Size and shares."""
    outputs = [t for sight in sights for t in sight.outputs if t.dtype != tf.string]
    values = np.concatenate([np.ravel(t).astype(float) for t in outputs]) if outputs else np.empty(0)
    if values.size:
        with np.errstate(invalid="ignore", over="ignore"):
            row.mean, row.deviation = _without_rounding(values.mean(), values.std())
    sight, part = sights[0], sights[0].part
    row.activation, row.kind = sight.activation, type(part).__name__
    if unread := next((one.unread for one in sights if one.unread), ""):
        row.activation, row.unread = WORDS["unread"], unread
    elif wrong := np.count_nonzero(~np.isfinite(values)):
        row.note = WORDS["not_finite"].format(layer=row.name, count=wrong, all=values.size)
    elif sight.reading:
        in_front = _channels_first(part) or (first and not isinstance(part, SUMS) and len(sight.reading[1].shape) > 2)
        shares = count([one.reading for one in sights], axis=1 if in_front else -1)
        if shares.trouble:
            row.note = WORDS[TROUBLES[shares.trouble]].format(layer=row.name, activation=row.activation)
        row.unknown_use = shares.linear and any(map(reading.leads_into_the_unread, sights))
        if not row.unknown_use:
            row.saturated, row.dead = shares.saturated, shares.dead


def _without_rounding(mean, deviation):
    """A mean or a deviation that is only what float32's rounding leaves of a 0, is a 0: its digits differ by machine."""
    small, flat = abs(mean) < 1e-5 * deviation, deviation < 1e-6 * abs(mean)
    return 0.0 if small else mean, 0.0 if flat else deviation


def _gradient(sight, gradients):
    """(norm, the names of the weights that it is of where those are not what one expects)."""
    weights = [v for v in sight.weights if id(v) in gradients]
    kernel = getattr(sight.part, "kernel", None)
    measured = [v for v in weights if v is kernel] or weights
    if not measured:
        return np.nan, ""
    with np.errstate(invalid="ignore", over="ignore"):
        norm = np.linalg.norm([np.linalg.norm(gradients[id(v)]) for v in measured])
    missed = isinstance(sight.part, SUMS) and kernel is not None and kernel is not measured[0]
    return norm if np.isfinite(norm) else np.inf, ", ".join(v.name for v in measured) if missed else ""


def _about(rows, reading):
    """Sentences about what could not be looked at, or is counted in a way of its own."""
    yield from (row.note for row in rows if row.note)
    between = {id(layer): (path, type(layer).__name__) for path, layer in reading.unseen}
    kinds = Counter(name_of_operation(operation) for _path, operation in reading.operations)
    lists = {
        "inside": [(row.name, row.kind) for row in rows if row.unread == "inside"],
        "strange": [(row.name, row.kind) for row in rows if row.unread == "strange"],
        "between": list(between.values()),
    }
    named = {
        word: [WORDS["of_kind"].format(layer=name, kind=kind) for name, kind in found] for word, found in lists.items()
    }
    named |= {
        "operations": [_times(kind, count) for kind, count in kinds.items()],
        "unknown_use": [row.name for row in rows if row.unknown_use],
        "repeated": [_times(row.name, row.calls) for row in rows if row.calls > 1],
    }
    for word, found in named.items():
        if found:
            yield WORDS[word].format(layers=", ".join(found))
    for row in rows:
        if row.partly:
            yield WORDS["partly"].format(layer=row.name, weights=row.partly)


def _times(name, count):
    return name if count == 1 else WORDS["times"].format(layer=name, count=count)


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
    wild = np.isinf(found.gradients)
    if wild.any():
        yield WORDS["wild_gradient"].format(layers=", ".join(np.array(found.layers)[wild]))
    largest = max(found.gradients[np.isfinite(found.gradients)], default=np.nan)
    if largest == 0 and not wild.any():
        yield WORDS["no_gradient"]
    elif largest > 0:
        if (cut_off := found.gradients == 0).any():
            yield WORDS["cut_off"].format(layers=", ".join(np.array(found.layers)[cut_off]))
        shares = np.where(cut_off, np.nan, found.gradients / largest)
        faintest = np.nanargmin(shares)
        if shares[faintest] < FAINT:
            yield WORDS["faint"].format(layer=found.layers[faintest], share=shares[faintest])


def _or_dash(value, form):
    return "-" if np.isnan(value) else form.format(value)


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
