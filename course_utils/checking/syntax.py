"""Reads a learner's source as a syntax tree: it may be anything, and several threads may read at a time. Nothing is run."""

import ast
import threading
from functools import lru_cache

TRIES = 3
REMEMBERED = 128  # trees
LONGEST = 2_000  # characters of their sources: a tree may take a thousand times as many bytes
# One at a time: up to Python 3.11.7 and 3.12.0, threads that build syntax trees share one count of how deep they are, and
# `ast.parse` raises SystemError where the garbage collector lets another thread in (python/cpython issue 106905).
_ONE_AT_A_TIME = threading.Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a source, which nobody may change: a later call may give the same one.

    Raises:
        SyntaxError: it is no Python.
        RecursionError: it can't be read, though Python may be able to run it; nested too deeply, as a rule.
    """
    return _remembered(source) if len(source) <= LONGEST else _parsed(source)


def nodes(tree: ast.AST) -> list[ast.AST]:
    """A tree's nodes in the order of its text, itself first; without those that only say whether a name is read or bound."""
    if not hasattr(tree, "below"):  # kept there, since a source is looked through for several things
        below, todo = [], children(tree)[::-1]
        while todo:
            node = todo.pop()
            below.append(node)
            todo += children(node)[::-1]
        tree.below = below
    return [tree, *tree.below]


def children(node: ast.AST) -> list[ast.AST]:
    """As `ast.iter_child_nodes`, but for the contexts of names."""
    found = []
    for name in node._fields:
        part = getattr(node, name, None)
        if isinstance(part, list):
            found += [item for item in part if isinstance(item, ast.AST)]
        elif isinstance(part, ast.AST) and name != "ctx":
            found.append(part)
    return found


def _parsed(source):
    for _attempt in range(TRIES):
        try:
            with _ONE_AT_A_TIME:
                return ast.parse(source)
        except SystemError:  # a thread that is not ours was let in
            continue
        except SyntaxError:
            raise
        except ValueError as error:  # a null byte, up to Python 3.11, or half a character
            raise SyntaxError(str(error)) from None
        except Exception as error:  # noqa: BLE001 - MemoryError, for one, where the parser's own stack is full
            raise RecursionError(str(error)) from None
    raise RecursionError("no tree after several tries")


_remembered = lru_cache(maxsize=REMEMBERED)(_parsed)
