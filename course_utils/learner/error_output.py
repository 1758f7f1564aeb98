"""Closes the error output for a moment: TensorFlow's C++ code writes there, past `sys.stderr`."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def no_error_output() -> Iterator[None]:
    """Whatever is written to file descriptor 2 in the block is lost, where there is one."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
