"""Prints the grader's messages. A message that can't be shown never stops the grading."""

import contextlib
import sys
from typing import TextIO


def say(words: object, stream: TextIO | None = None) -> None:
    """Print a line; characters that the encoding lacks become Python escapes, and a closed pipe is ignored.

    Args:
        words: what to say.
        stream: where to print; by default stdout.
    """
    stream = stream or sys.stdout
    text = f"{words}\n"
    with contextlib.suppress(OSError, ValueError):  # the reader has gone
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
