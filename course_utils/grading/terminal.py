"""What the grader says on the terminal. Nothing that is still to be done depends on whether it can be shown."""

import contextlib
import sys
from typing import TextIO


def say(words: object, stream: TextIO | None = None) -> None:
    """Print a line; letters that the terminal or the file does not have are written as Python would, and a closed pipe is no fault.

    Args:
        words: what to say.
        stream: where; without it, the output.
    """
    stream = stream or sys.stdout
    text = f"{words}\n"
    with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
