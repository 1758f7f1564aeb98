"""Which of the recorded calls are understood: what a layer's activation is, what passes values on, what stays unread.

A layer of Keras's own is known by the class whose `call` runs. All else is judged by what it did: a function that gives each
number's result from that number alone is an activation, whoever wrote it; code of the reader's own that hands its layers
exactly the tensors that it got has computed nothing by itself. What remains is named, and no number is stated about it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras

from course_utils.experiments.diagnosis.recording import SUMS, is_float, same, tensors
from course_utils.experiments.diagnosis.shares import count, is_elementwise

# Folders of Keras's layers by what is in them, and the layers of its other folders that need a word.
SILENT_FOLDERS = {"reshaping", "pooling", "regularization", "preprocessing"}
SILENT = (
    keras.layers.Add, keras.layers.Subtract, keras.layers.Average, keras.layers.Concatenate, keras.layers.Identity,
    keras.layers.Masking, keras.layers.InputLayer,
)  # fmt: skip
PLAIN = (
    keras.layers.Embedding,
    keras.layers.Normalization,
)  # rows without an activation, as the folder of normalisations
CONTAINERS = (keras.Model, keras.layers.TimeDistributed, keras.layers.SpectralNormalization, keras.layers.Pipeline)
# Keras's operations that put together, move or weigh values: those with several tensors, and those with one and constants.
SUMS_OF_VALUES = set(
    [
        "Add",
        "Append",
        "Average",
        "AveragePool",
        "BroadcastTo",
        "Cast",
        "Concatenate",
        "Copy",
        "Cumsum",
        "Diagonal",
        "Diff",
        "ExpandDims",
        "Flip",
        "GetItem",
        "Hstack",
        "Identity",
        "MaxPool",
        "Mean",
        "Moveaxis",
        "Negative",
        "Pad",
        "Positive",
        "Ravel",
        "Repeat",
        "Reshape",
        "Resize",
        "Roll",
        "Slice",
        "Split",
        "Squeeze",
        "Stack",
        "Subtract",
        "Sum",
        "Swapaxes",
        "Take",
        "TakeAlongAxis",
        "Tile",
        "Trace",
        "Transpose",
        "Tril",
        "Triu",
        "Unstack",
        "Vstack",
    ]
)
PRODUCTS = set(
    [
        "Conv",
        "ConvTranspose",
        "DepthwiseConv",
        "Divide",
        "Dot",
        "Einsum",
        "Inner",
        "Matmul",
        "Multiply",
        "Outer",
        "Tensordot",
        "TrueDivide",
    ]
)


@dataclass(eq=False)
class ListedCall:
    """A call that gets a row of the table.

    Args:
        key: what calls that share a row have in common: a layer with weights has one row for all of its calls.
        name: of the row.
        part: the layer or operation.
        outputs: tensors whose size the row states.
        activation: its name; "" where there is none.
        reading: (function, its input, its value); None where the activation isn't read.
        unread: "" or why: "inside" (its activations work inside it), "strange" (nobody knows what it does).
        inside: the calls of the reader's own code around it, whose doings between their layers could not be seen.
        weights: the variables whose gradient is the row's.
    """

    key: tuple
    name: str
    part: Any
    outputs: list
    activation: str = ""
    reading: tuple | None = None
    unread: str = ""
    weights: list = field(default_factory=list)
    inside: tuple = ()


class Reading:
    """All that can be said of a recorded run.

    Args:
        root: the model's own `Call`.

    Attributes:
        sights: a `ListedCall` for each call with a row, in their order.
        operations: the operations between layers that are not read, as (path, operation).
        unseen: (path, layer) of the reader's own code that computes between its layers.
    """

    def __init__(self, root):
        self.sights, self.operations, self.unseen = [], [], []
        self._root = root
        self._status = {}  # of a call: "silent", "read" or "unread"
        self._walk(root, "", (), ())
        self._takers, self._found = {}, {}
        for call in root.everything():
            if id(call) in self._status:
                for tensor in call.inputs:
                    self._takers.setdefault(id(tensor), []).append(call)

    def leads_into_the_unread(self, sight: ListedCall) -> bool:
        """Whether something that was not read works on the row's values.

        Args:
            sight: one of `sights`.

        Returns:
            bool.
        """
        ends = {end for tensor in sight.outputs for end in self._ends(tensor)}
        return "unread" in ends or (bool(sight.inside) and ends == {"lost"})

    def _ends(self, tensor):
        """How the ways end on which a tensor's values are passed on."""
        if id(tensor) not in self._found:
            self._found[id(tensor)] = self._find_ends(tensor)
        return self._found[id(tensor)]

    def _find_ends(self, tensor):
        ends = {"out"} if any(tensor is result for result in self._root.results) else set()
        for call in self._takers.get(id(tensor), []):
            if self._status[id(call)] == "silent":
                for result in call.results:
                    if result is not tensor:
                        ends |= self._ends(result)
            else:
                ends.add(self._status[id(call)])
        return ends or {"lost"}

    def _walk(self, call, path, key, inside):
        getattr(self, "_" + kind_of(call.part))(call, path, key, inside)

    def _see(self, call, path, key, inside, status, *, weights=None, **found):
        part = call.part
        weights = getattr(part, "trainable_weights", []) if weights is None else weights
        self._status[id(call)] = status
        sight = ListedCall(key, path or part.name, part, call.results, weights=weights, inside=inside, **found)
        self.sights.append(sight)

    def _silent(self, call, path, key, inside):
        self._status[id(call)] = "silent"

    def _plain(self, call, path, key, inside):
        self._see(call, path, key, inside, "silent")

    def _inside(self, call, path, key, inside):
        self._see(call, path, key, inside, "unread", unread="inside")

    def _strange(self, call, path, key, inside):
        self._see(call, path, key, inside, "unread", unread="strange")

    def _read(self, call, path, key, inside):
        """A layer of Keras's that is an activation."""
        function = call.part if type(call.part) is not keras.layers.Activation else call.part.activation
        if len(call.inputs) != 1:
            self._strange(call, path, key, inside)
            return
        reading = (call.part, call.inputs[0], call.result)
        self._see(call, path, key, inside, "read", activation=name_of(function), reading=reading)

    def _sum(self, call, path, key, inside):
        if call.part.activation is None:
            call.activated.append((keras.activations.linear, call.result, call.result))
        if len(call.activated) != 1 or call.activated[0][2] is not call.result:
            self._strange(call, path, key, inside)
            return
        reading = call.activated[0]
        self._see(call, path, key, inside, "read", activation=name_of(reading[0]), reading=reading)

    def _own(self, call, path, key, inside):
        """Code of the reader's, a layer that is told a function, or a seldom one of Keras's: judged by what it did."""
        if not isinstance(call.part, keras.Model) and (reading := _as_activation(call)):
            name = name_of(call.part.function if isinstance(call.part, keras.layers.Lambda) else call.part)
            if not call.part.weights and count([reading]).linear:
                self._status[id(call)] = "silent"
            else:
                self._see(call, path, key, inside, "read", activation=name, reading=reading)
        elif not call.children:
            known = not call.hidden and all(any(same(given, t) for given in call.inputs) for t in call.results)
            if known and not getattr(call.part, "trainable_weights", []):
                self._status[id(call)] = "silent"
            else:
                self._strange(call, path, key, inside)
        else:
            self._own_with_layers(call, path, key, inside)

    def _own_with_layers(self, call, path, key, inside):
        unseen = _computes_between(call)
        if unseen:
            self.unseen.append((path or call.part.name, call.part))
            self._status[id(call)] = "unread"
        self._container(call, path, key, (*inside, call) if unseen else inside)
        covered = {id(v) for one in call.everything() if one is not call for v in getattr(one.part, "weights", [])}
        own = [v for v in call.part.trainable_weights if id(v) not in covered]
        if own:
            self._see(call, path, key, inside, "unread", unread="strange", weights=own)

    def _container(self, call, path, key, inside):
        """Its layers one by one; operations between them are put together as far as they are one elementwise function."""
        if call.hidden and not call.children:
            self._strange(call, path, key, inside)
            return
        places, known, made, order = _Places(call, key), list(call.inputs), _Expressions(), _order(call.part)
        begin, ranks = len(self.sights), []
        for child in call.children:
            name = f"{path}/{child.part.name}" if path else child.part.name
            place = places.of(child)
            if isinstance(child.part, keras.Layer):
                self._settle(made, child.inputs, inside)
                self._rank(ranks, begin, order, None)
                self._walk(child, name, place, inside)
                self._rank(ranks, begin, order, child.part)
            else:
                self._operation(child, name, place, inside, known, made)
                self._rank(ranks, begin, order, None)
            known += child.results
        self._settle(made, call.results, inside)
        self._rank(ranks, begin, order, None)
        in_order = sorted(zip(ranks, self.sights[begin:], strict=True), key=lambda pair: pair[0])
        self.sights[begin:] = [sight for _rank, sight in in_order]

    def _rank(self, ranks, begin, order, part):
        """Where the new rows belong: a graph runs what stands side by side in an order of its own."""
        for sight in self.sights[begin + len(ranks) :]:
            ranks.append(order.get(id(sight.part if part is None else part), 0))

    def _operation(self, call, path, key, inside, known, made):
        data = [t for t in call.inputs if any(same(other, t) for other in known)]
        name = type(call.part).__name__
        if expression := made.extended(call, data, path, key):
            made.add(call, expression)
            self._status[id(call)] = "silent"  # until its use shows more
            return
        self._settle(made, data, inside)
        linear = name in SUMS_OF_VALUES or (
            name in PRODUCTS and len(data) == 1 and ("ivide" not in name or data[0] is call.args[0])
        )
        if linear or not any(map(is_float, data)):
            self._status[id(call)] = "silent"
        elif "oftmax" in name and len(call.results) == 1 and len(data) == 1:
            reading = (call.part.call, data[0], call.result)
            self._see(call, path, key, inside, "read", activation=name_of_operation(call.part), reading=reading)
        else:
            self._status[id(call)] = "unread"
            self.operations.append((path, call.part))

    def _settle(self, made, given, inside):
        """What is handed on is final: an expression that it came from gets its row."""
        for expression in made.ended(given):
            last = expression.calls[-1]
            if not is_float(last.result):
                continue  # a mask, say
            reading = (expression.function, expression.entry, last.result)
            if count([reading]).linear:
                continue
            for call in expression.calls:
                self._status[id(call)] = "read"
            names = ", ".join(name_of_operation(call.part) for call in expression.calls)
            self._see(last, expression.path, expression.key, inside, "read", activation=names, reading=reading)


def _order(part):
    """Where each layer and operation of a graph stands, as `summary` lists them."""
    return {id(operation): place for place, operation in enumerate(getattr(part, "operations", []))}


class _Places:
    """Keys of the calls inside one call."""

    def __init__(self, call, key):
        self._key, self._seen = key, {}
        self._over_time = isinstance(call.part, keras.layers.TimeDistributed)

    def of(self, child):
        if getattr(child.part, "weights", []):
            return (id(child.part),)
        count = 0 if self._over_time else self._seen.get(id(child.part), 0)
        self._seen[id(child.part)] = count + 1
        return (*self._key, id(child.part), count)


@dataclass(eq=False)
class _Expression:
    """Operations that together are one function of one tensor."""

    entry: Any
    calls: list
    path: str = ""
    key: tuple = ()

    def function(self, z):
        values = {id(self.entry): z}
        for call in self.calls:
            args, kwargs = keras.tree.map_structure(lambda t: values.get(id(t), t), (call.args, call.kwargs))
            values[id(call.result)] = call.part.call(*args, **kwargs)
        return values[id(self.calls[-1].result)]


class _Expressions:
    """The elementwise functions that operations in a graph build up."""

    def __init__(self):
        self._made, self._ended = {}, set()

    def extended(self, call, data, path, key):
        """The expression that this operation makes of earlier ones, or None where it is not elementwise."""
        parts = [self._made.get(id(t)) or _Expression(t, []) for t in data]
        entries = {id(part.entry): part.entry for part in parts}
        if len(entries) != 1 or not isinstance(call.result, type(data[0])):
            return None
        entry = parts[0].entry
        calls = list({id(one): one for part in parts for one in part.calls}.values())
        found = _Expression(entry, [*calls, call], path, key)
        fits = is_float(entry) and call.result.shape == entry.shape and len(entry.shape) > 0
        return found if fits and is_elementwise(found.function, entry) else None

    def add(self, call, expression):
        self._made[id(call.result)] = expression

    def ended(self, given):
        """The expressions of these tensors, each once."""
        for tensor in given:
            if id(tensor) in self._made and id(tensor) not in self._ended:
                self._ended.add(id(tensor))
                yield self._made[id(tensor)]


def kind_of(part: keras.Layer) -> str:
    """How a layer is read.

    Args:
        part: a `keras.Layer`.

    Returns:
        The name of a method of `Reading`, without its underscore.
    """
    home = _home(part)
    if home is None or isinstance(part, keras.layers.Lambda):
        return "own"
    if isinstance(part, CONTAINERS):
        return "container"
    if isinstance(part, SUMS):
        return "sum"
    folder = [*home.__module__.split("."), "", "", "", ""][3]
    if isinstance(part, PLAIN) or folder == "normalization":
        return "plain"
    if isinstance(part, SILENT) or folder in SILENT_FOLDERS:
        return "silent"
    if folder == "activations":
        return "read"
    return "inside" if folder in ("rnn", "attention") else "own"


def _home(part):
    """The class of Keras's whose code runs when the part is called; None where the code is somebody else's."""
    code = ("call", "__call__", "quantized_call")
    if any(name in vars(part) for name in code):
        return None
    home = next(kind for kind in type(part).__mro__ if any(name in vars(kind) for name in code))
    return home if home.__module__.partition(".")[0] == "keras" else None


def _as_activation(call):
    """(function, input, value) if the call gave each number's result from that number alone, else None."""
    floats = [t for t in call.inputs if is_float(t)]
    if len(floats) != 1 or tensors(call.result) != [call.result] or call.result.shape != floats[0].shape:
        return None
    (z,) = floats

    def function(values):
        args, kwargs = keras.tree.map_structure(lambda t: values if t is z else t, (call.args, call.kwargs))
        return call.part(*args, **kwargs)

    return (function, z, call.result) if is_elementwise(function, z) else None


def _computes_between(call):
    """Whether the code around the layers hands on a tensor that it neither got nor had from one of them."""
    known = list(call.inputs)
    for child in call.children:
        if not all(any(same(t, other) for other in known) for t in child.inputs):
            return True
        known += child.results
    return call.hidden or not all(any(same(t, other) for other in known) for t in call.results)


def name_of(function: Callable) -> str:
    """A function's name for a table.

    Args:
        function: anything that can be called.

    Returns:
        str.
    """
    function = getattr(function, "func", function)  # of a functools.partial
    name = getattr(function, "__name__", None) or type(function).__name__
    return "a lambda" if name == "<lambda>" else name


def name_of_operation(operation: keras.Operation) -> str:
    """An operation's name for a table.

    Args:
        operation: a `keras.Operation`.

    Returns:
        The name of the function in keras.ops that makes it, or its class's where there is none.
    """
    kind = type(operation).__name__
    return next((name for name in dir(keras.ops) if name.replace("_", "") == kind.lower()), kind)
