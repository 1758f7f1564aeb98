"""Reads a learner's source as a syntax tree: it may be anything, and several threads may read at a time. Nothing is run."""

import ast
import threading

TRIES = 3
# One at a time: up to Python 3.11.7 and 3.12.0, threads that build syntax trees share one count of how deep they are, and
# `ast.parse` raises SystemError where the garbage collector lets another thread in (python/cpython issue 106905).
_ONE_AT_A_TIME = threading.Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a source.

    Raises:
        SyntaxError: it is no Python.
        RecursionError: it can't be read, though Python may be able to run it; nested too deeply, as a rule.
    """
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
