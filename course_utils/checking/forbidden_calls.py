"""Finds uses of the ready-made function that an exercise asks to be written, by reading the answer and its helpers. Nothing is run.

What no reading can see (a name that is put together, a list of functions, `exec`) is for `recorded_calls` to see while the
answer runs. Neither refuses what it is not sure of.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType

import numpy as np

from course_utils.checking import syntax
from course_utils.checking.observe import TimeUp
from course_utils.checking.recorded_calls import LIBRARIES
from course_utils.checking.spec import Case, Exercise
from course_utils.checking.verdict import Reason, Verdict
from course_utils.checking.verdict_messages import NEXT_STEPS, SENTENCES

CATALOGUE = (
    "course_utils.activations",
    "course_utils.ACTIVATIONS",
    "course_utils.exercises",
)  # where answers lie ready
BY_NAME = ("activation", "get", "deserialize")  # what takes a function's name: `Activation("sigmoid")`
IMPORTERS = ("__import__", "import_module")
HIDES = ("exec", "eval", "compile", "globals", "locals", "vars", "setattr", "attrgetter", "methodcaller", "FunctionType",
         "CodeType", "getattr_static", "__getattribute__")  # fmt: skip
HIDES_AS_ATTRIBUTE = (
    "__dict__",
    "__globals__",
    "__code__",
    "__builtins__",
    "getprofile",
    "setprofile",
    "settrace",
    "modules",
)
DECORATED = ("__wrapped__", "__func__")  # where a decorated function and a method keep the function
PACKED = ("func", "pyfunc", "python_function", "activation")  # and a partial, np.vectorize, tf.function, a layer
MOST_LAYERS = 10  # of wrappers around a function
MOST_HELPERS = 50  # of one answer that are read
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OWN_SCOPE = (*FUNCTIONS, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
HAVE_ORIGIN = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.NamedExpr)
BIND = (ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef, ast.arguments, ast.Assign, ast.AnnAssign, ast.NamedExpr,
        ast.For, ast.AsyncFor, ast.comprehension, ast.withitem)  # fmt: skip


def refused_call(source: str | ast.AST, refused: Sequence[str], bindings: Mapping[str, str] | None) -> str:
    """The first use of a refused library function in a learner's source, as it is written there, or "".

    Args:
        source: the learner's function, or their whole cell, as text, where what can't be parsed refuses nothing; or as a
            syntax tree.
        refused: names such as `("sigmoid",)`, in small letters; or a module, for all functions in it.
        bindings: name -> dotted origin for names that stand for a library or something out of one, as made by
            `bindings_in` or `bindings_of`. A function of the learner's own is not among them.

    Returns:
        For example "tf.nn.sigmoid", or "".

    Raises:
        RecursionError: the source is nested too deeply to be read.
    """
    return _first_refused(_uses(source, bindings), refused)


def _uses(source, bindings):
    """The expressions that stand for something out of a library, each with its origin, in the order of the text."""
    every = syntax.nodes(_tree(source))
    known = _follow(every, bindings)
    read = [n for n in every if isinstance(n, HAVE_ORIGIN) and not isinstance(getattr(n, "ctx", None), ast.Store)]
    return [(node, origin) for node in read if (origin := _origin_of(node, known))]


def _first_refused(uses, refused):
    return next((_written(node) or origin for node, origin in uses if _is_refused(origin, refused)), "")


def _written(node):
    """An expression as it stands in a source, or "" where it is too deep, or holds a number too long, to be written."""
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return ""


def forbidden(
    spec: Exercise, source: str | ast.AST, bindings: Mapping[str, str] | None, helper: str = ""
) -> Verdict | None:
    """The verdict on an answer whose source uses the ready-made function, or one of the course's own; or None.

    Args:
        spec: the `Exercise`.
        source, bindings: as for `refused_call`.
        helper: the name of the learner's function that the source is of, where it is not the answer itself.

    Raises:
        RecursionError: the source is nested too deeply to be read.
    """
    uses = _uses(source, bindings)
    for reason, refused in (("forbidden", spec.refused), ("catalogue", CATALOGUE)):
        if call := _first_refused(uses, refused):
            return _forbidden(spec, reason, f"{reason}_in" if helper else reason, call=call, helper=helper)
    return None


def called(spec: Exercise, call: str) -> Verdict | None:
    """The verdict on an answer that called the ready-made function while it ran.

    Args:
        spec: the `Exercise`.
        call: what `recorded_calls.recorded_call` gave, or "".

    Returns:
        A `Verdict`; None for "".
    """
    library, _dot, name = call.partition(".")
    return _forbidden(spec, "forbidden", "called", library=library, call=name) if call else None


def watched_case(spec: Exercise) -> Case:
    """The case at which an answer's calls are recorded: the one with the most numbers, since it takes the most ways through."""
    return max(spec.cases, key=lambda case: sum(map(np.size, case.args)))


def _forbidden(spec, reason, sentence, **fields):
    message, hint = SENTENCES[sentence].format(**fields), NEXT_STEPS["forbidden"]
    return Verdict(spec.name, "forbidden", 0, spec.points, message, hint, reason=Reason(reason))


def forbidden_by_source(spec: Exercise, function: Callable) -> Verdict | None:
    """The verdict on a live function whose source, or that of a helper which it calls, uses the ready-made function; or None.

    Raises:
        RecursionError: a source is nested too deeply to be read.
    """
    for helper, one in read_through(function):
        if found := forbidden(spec, source_of(one), bindings_of(one), helper):
            return found
    return None


def read_through(function: Callable) -> Iterator[tuple[str, Callable]]:
    """An answer and the learner's own functions that it uses, and those that they use: `("", answer)`, `(name, helper)`, ..."""
    todo, seen = [("", function)], []
    while todo and len(seen) < MOST_HELPERS:
        name, one = todo.pop(0)
        inner = _function_in(one)
        if any(inner is other for other in seen):
            continue
        seen.append(inner)
        yield name, one
        if type(inner) is FunctionType and not _origin(inner):
            around = inner.__globals__ | _closure(inner)
            used = [(name, around[name]) for name in free_names(_parse(source_of(inner))) if name in around]
            todo += [(name, thing) for name, thing in used if callable(thing) and not issubclass(type(thing), type)]


def hides(tree: ast.AST) -> Iterator[str]:
    """Yield the words in a syntax tree after which nobody can read what is called: `exec`, `getattr` with a variable."""
    for node in syntax.nodes(tree):
        called_as = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        named = called_as == "getattr" and len(node.args) > 1 and not _word(node.args[1])
        imported = called_as in IMPORTERS and node.args and not _word(node.args[0])
        if named or imported or called_as in HIDES:
            yield called_as
        elif isinstance(node, ast.Attribute) and node.attr in HIDES_AS_ATTRIBUTE:
            yield node.attr


def free_names(tree: ast.AST) -> list[str]:
    """The names that a learner's code uses and doesn't bind itself, sorted."""
    names = [node for node in syntax.nodes(tree) if isinstance(node, (ast.Name, ast.arg))]
    bound = {
        n.arg if isinstance(n, ast.arg) else n.id for n in names if not isinstance(getattr(n, "ctx", None), ast.Load)
    }
    return sorted({n.id for n in names if isinstance(n, ast.Name)} - bound)


def bindings_in(source: str | ast.AST) -> dict[str, str]:
    """What the names of a notebook's code stand for in the end, by its imports and plain assignments.

    Arguments and errors as for `refused_call`.
    """
    return _follow(_at_the_top(_tree(source)), {})


def bindings_of(function: Callable) -> dict[str, str]:
    """What the names that a live function uses stand for; {} for a callable without globals."""
    function = _function_in(function)
    if origin := _origin(function):  # itself out of a library: its name is the use
        return {origin.rpartition(".")[2]: origin}
    if type(function) is not FunctionType:
        return {}
    seen = function.__globals__ | _closure(function)
    used = {node.id for node in syntax.nodes(_parse(source_of(function))) if isinstance(node, ast.Name)}
    return {name: origin for name in used if (origin := _origin(seen.get(name)))}


def source_of(function: Callable) -> str:
    """The source of a function, or "" where it can't be had; of a library's function only its name."""
    function = _function_in(function)
    if origin := _origin(function):
        return origin.rpartition(".")[2]
    try:
        return inspect.getsource(function)
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # noqa: BLE001 - `inspect` runs a tokenizer over what may be no Python any more
        return ""


def _is_refused(origin, refused):
    root, last = origin.partition(".")[0], origin.rpartition(".")[2]
    if root not in LIBRARIES:
        return False
    inside = any(origin.startswith(f"{module}.") for module in refused)
    return last.lower() in refused or (inside and not _is_constant(last))


def _is_constant(name):
    return name.isupper() and name != "ACTIVATIONS"


# ---- live functions


def _function_in(thing):
    """The function that decorators, a partial, a method, a tf.function or a callable object call in the end."""
    thing = _innermost(thing)
    call = attribute(type(thing), "__call__")
    return call if type(call) is FunctionType and not _origin(thing) else thing


def _innermost(thing):
    for _ in range(0 if issubclass(type(thing), type) else MOST_LAYERS):
        packed = PACKED if _module(type(thing)).partition(".")[0] in (*LIBRARIES, "functools") else ()
        inner = [part for name in (*DECORATED, *packed) if callable(part := attribute(thing, name))]
        if not inner:
            break
        thing = inner[0]
    return thing


def attribute(thing: object, name: str) -> object:
    """An attribute of a live thing, or None: a learner's object may raise anything when it is asked."""
    try:
        return getattr(thing, name, None)
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # noqa: BLE001
        return None


def _name(thing):
    return _text(thing, "__name__")


def _module(thing):
    return _text(thing, "__module__")


def _text(thing, name):
    text = attribute(thing, name)
    return text if type(text) is str else ""


def _origin(thing):
    """Where a live thing out of a library comes from, `keras.src.ops.nn.sigmoid`; "" for the learner's own."""
    if issubclass(type(thing), ModuleType):
        return thing.__name__
    if entry := _in_catalogue(thing):
        return entry
    if not callable(thing):
        return ""
    thing = _innermost(thing)
    module = _module(thing) or _module(type(thing))
    return f"{module}.{_name(thing)}" if module.partition(".")[0] in LIBRARIES else ""


def _in_catalogue(thing):
    """The place of the course's catalogue or of an entry in it: data, which don't know where they come from."""
    entries = getattr(sys.modules.get(CATALOGUE[0]), "ACTIVATIONS", {})
    places = {"ACTIVATIONS": entries, **entries} if entries else {}
    return next((f"{CATALOGUE[0]}.{name}" for name, place in places.items() if place is thing), "")


def _closure(function):
    kept = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            kept[name] = cell.cell_contents
        except ValueError:  # not bound yet
            continue
    return kept


# ---- source


def _tree(source):
    return source if isinstance(source, ast.AST) else _parse(source)


def _parse(source):
    try:
        return syntax.parse(textwrap.dedent(source))
    except (SyntaxError, RecursionError):
        return ast.Module([], [])


def _at_the_top(tree):
    """The nodes of a tree in the order of its text, without what is in a scope of its own."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, OWN_SCOPE):
            todo += reversed(syntax.children(node))


def _follow(nodes, known):
    """Name -> origin after all nodes, given what was known before; a name that is bound anew to something else is out."""
    known = dict(known)
    for node in nodes:
        if isinstance(node, BIND):
            known |= _bound_by(node, known)
    return {name: origin for name, origin in known.items() if origin}


def _bound_by(node, known):
    """The names that a node binds, each with its origin or ""."""
    if isinstance(node, ast.Import):
        return {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                for a in node.names}  # fmt: skip
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: f"{node.module or ''}.{a.name}" for a in node.names}
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return {node.name: ""}
    if isinstance(node, ast.arguments):
        return _parameters(node, known)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        origin, whole = _origin_of(node.value, known), set(map(id, targets))
        return {n.id: origin if id(n) in whole else "" for target in targets for n in _stored(target)}
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return {n.id: "" for n in _stored(node.target)}
    return (
        {n.id: "" for n in _stored(node.optional_vars)} if isinstance(node, ast.withitem) and node.optional_vars else {}
    )


def _parameters(arguments, known):
    """A function's parameters: each stands for its default, if that is something out of a library."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults + arguments.kw_defaults
    extra = [a for a in (arguments.vararg, arguments.kwarg) if a]
    pairs = zip([*positional, *arguments.kwonlyargs], defaults, strict=True)
    return {a.arg: "" for a in extra} | {a.arg: _origin_of(default, known) for a, default in pairs}


def _stored(target):
    return [n for n in syntax.nodes(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _origin_of(node, known):
    """The dotted origin of an expression: a name, `tf.nn.sigmoid`, `ACTIVATIONS["sigmoid"]`, `getattr(tf, "sigmoid")`."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        parts = []
        while isinstance(node, ast.Attribute):  # a loop, since a chain of names may be long
            parts.append(node.attr)
            node = node.value
        return _part(_origin_of(node, known), ".".join(reversed(parts)))
    if isinstance(node, ast.NamedExpr):
        return _origin_of(node.value, known)
    if isinstance(node, ast.Subscript):
        return _part(_origin_of(node.value, known), _word(node.slice))
    return _origin_of_call(node, known) if isinstance(node, ast.Call) else ""


def _origin_of_call(call, known):
    callee, words = call.func, [_word(a) for a in call.args]
    if isinstance(callee, ast.Name) and callee.id == "getattr" and len(words) > 1:
        return _part(_origin_of(call.args[0], known), words[1])
    if getattr(callee, "attr", getattr(callee, "id", "")) in IMPORTERS and words:
        return words[0]
    origin = _origin_of(call.func, known)
    named = [_word(k.value) for k in call.keywords if k.arg == "activation"]
    if origin.rpartition(".")[2].lower() in BY_NAME:
        named += words + [_word(k.value) for k in call.keywords]
    return _part(origin, next(filter(None, named), ""))


def _word(node):
    """A text that stands in the source, also as `"sig" + "moid"`; "" for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _word(node.left), _word(node.right)
        return left + right if left and right else ""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _part(origin, name):
    return f"{origin}.{name}" if origin and name else ""
