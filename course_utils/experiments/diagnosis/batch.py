"""The batch that a diagnosis runs on: what people hold in their hands, as the tensors that their model takes."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.texts import _

WORDS = {
    "batches": _("{name} gives out batches ({kind}). Take one: x, y = next(iter(...)), and hand that over."),
    "nothing": _("{name} is None. diagnose needs some examples to run the model on."),
    "no_tensor": _("{name} can't be made a tensor of numbers ({error})."),
    "empty": _("{name} holds no examples: its shape is {shape}."),
    "rows": _("x holds {examples} examples, and y {answers} answers."),
    "names": _("The model has inputs that x lacks: {wanted}. x is a dict with these keys: {got}."),
    "shape": _("The model takes x of shape {wanted}, and x has the shape {got}; None stands for any number."),
}


def as_tensors(data: Any, name: str, parts: int | None) -> Any:
    """Arrays, tables, lists and tensors as tensors, in the structure that they came in.

    Args:
        data: a batch, or a list, tuple or dict of them.
        name: "x" or "y", for sentences.
        parts: how many of them the model takes, or gives; None where that is not known before it runs.

    Returns:
        The same structure with tensors in it.

    Raises:
        ValueError: it is no batch, or an empty one.
    """
    if data is None:
        raise ValueError(WORDS["nothing"].format(name=name))
    if isinstance(data, dict):
        return {key: as_tensors(part, name, None) for key, part in data.items()}
    if isinstance(data, list | tuple) and _is_structure(data, parts):
        return type(data)(as_tensors(part, name, None) for part in data)
    if not isinstance(data, list | tuple | str) and not hasattr(data, "shape") and hasattr(data, "__iter__"):
        raise ValueError(WORDS["batches"].format(name=name, kind=type(data).__name__))
    if isinstance(data, tf.SparseTensor):
        data = tf.sparse.to_dense(data)
    tensor = data if isinstance(data, tf.Tensor) else _tensor(data, name)
    if 0 in tuple(tensor.shape)[:1]:
        raise ValueError(WORDS["empty"].format(name=name, shape=tuple(tensor.shape)))
    return tensor


def _is_structure(data, parts):
    """Whether a list holds batches, not examples."""
    if parts is None:
        return len(data) > 0 and all(len(getattr(part, "shape", ())) > 1 for part in data)
    return len(data) == parts and (parts > 1 or hasattr(data[0], "shape"))


def _tensor(data, name):
    for turned in ("to_numpy", "toarray"):  # pandas and its like; SciPy's sparse arrays
        if hasattr(data, turned):
            data = getattr(data, turned)()
            break
    try:
        data = np.asarray(data)
        if data.dtype == object and not any(isinstance(value, str) for value in data.ravel()):
            data = data.astype("float32")
        return tf.convert_to_tensor(data)
    except (TypeError, ValueError) as error:
        raise ValueError(WORDS["no_tensor"].format(name=name, error=str(error).splitlines()[0])) from error


def compare_lengths(x: Any, y: Any) -> None:
    """Ask for one answer for each example.

    Args:
        x, y: structures of tensors.

    Raises:
        ValueError: there are more or fewer.
    """
    examples, answers = ({len(part) for part in tf.nest.flatten(data) if part.shape.rank} for data in (x, y))
    if len(examples) == 1 and answers - examples:
        raise ValueError(WORDS["rows"].format(examples=min(examples), answers=min(answers - examples)))


def explain_shape(model: keras.Model, x: Any) -> None:
    """Say so if it is the inputs' shape that a functional or a Sequential model could not take.

    Args:
        model: a `keras.Model` that failed.
        x: a structure of tensors.

    Raises:
        ValueError: it is.
    """
    wanted, got = getattr(model, "inputs", None), tf.nest.flatten(x)
    if not wanted:
        return
    if isinstance(x, dict):
        if missing := [t.name for t in wanted if t.name not in x]:
            raise ValueError(WORDS["names"].format(wanted=", ".join(missing), got=", ".join(map(str, x))))
        got = [x[t.name] for t in wanted]
    if len(wanted) != len(got) or not all(map(_fits, wanted, got)):
        shapes = [", ".join(str(tuple(t.shape)) for t in side) for side in (wanted, got)]
        raise ValueError(WORDS["shape"].format(wanted=shapes[0], got=shapes[1]))


def _fits(wanted, got):
    return len(wanted.shape) == len(got.shape) and all(
        w in (None, g) for w, g in zip(wanted.shape, tuple(got.shape), strict=True)
    )


def parts_of(tensors: Any) -> int | None:
    """How many inputs or outputs a model declares.

    Args:
        tensors: the model's `inputs` or `outputs`; None for a model without them.

    Returns:
        int, or None where it declares none.
    """
    return len(keras.tree.flatten(tensors)) if tensors else None
