"""Finds calls of the ready-made function that an exercise asks to be written, by reading the source. Nothing is run."""

import ast
import inspect
import textwrap
from types import ModuleType


def refused_call(source, refused, bindings):
    """The first use of a refused library function in a learner's source, as it is written there, or "".

    Args:
        source: the learner's function, or their whole cell, as text; text that can't be parsed refuses nothing.
        refused: names such as `("sigmoid",)`.
        bindings: name -> dotted origin for names that stand for a library or something out of one, as made by
            `bindings_in` or `bindings_of`. A function of the learner's own is not among them.

    Returns:
        For example "tf.nn.sigmoid", or "".
    """
    tree = _parse(source)
    known = dict(bindings) | _imports(tree)
    for node in ast.walk(tree):
        text = _dotted(node)
        if text:
            root, _, rest = text.partition(".")
            if root in known and f"{known[root]}.{rest}".rstrip(".").rpartition(".")[2] in refused:
                return text
        elif isinstance(node, ast.Call) and _names_an_activation(node, known):
            words = [a.value for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, ast.Constant)]
            if any(word in refused for word in words if isinstance(word, str)):
                return ast.unparse(node)
    return ""


def bindings_in(source):
    """What the names of a notebook's code stand for, by its imports and plain assignments."""
    tree = _parse(source)
    known = _imports(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            root, _, rest = _dotted(node.value).partition(".")
            if root in known and rest:
                known[node.targets[0].id] = f"{known[root]}.{rest}"
    return known


def bindings_of(function):
    """What the names that a live function uses stand for; {} for a callable without globals."""
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    used = [n for n in getattr(code, "co_names", ()) if n in names]
    return {name: origin for name in used if (origin := _origin(names[name]))}


def source_of(function):
    """The source of a function, or "" where it can't be had."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def _origin(thing):
    if isinstance(thing, ModuleType):
        return thing.__name__
    module = getattr(thing, "__module__", None) or type(thing).__module__
    if not callable(thing) or module in ("__main__", "builtins") or isinstance(thing, type):
        return ""
    return f"{module}.{getattr(thing, '__name__', '')}"


def _parse(source):
    try:
        return ast.parse(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.parse("")


def _imports(tree):
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                      for a in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom):
            known |= {a.asname or a.name: f"{node.module or ''}.{a.name}" for a in node.names}
    return known


def _dotted(node):
    """`tf.nn.sigmoid` for that expression, "" for anything that is not a name or a chain of attributes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _names_an_activation(call, known):
    """True for `Activation("sigmoid")`, `activations.get("sigmoid")`, `getattr(tf, "sigmoid")`, by the callee's name."""
    callee = _dotted(call.func)
    root = callee.partition(".")[0]
    return callee == "getattr" or (root in known and callee.rpartition(".")[2] in ("Activation", "get", "deserialize"))
