"""A bar on the terminal while a class is graded; nothing where the output is no terminal."""

import sys
from typing import TextIO

from course_utils.grading.grading_messages import RUN

WIDTH = 30  # characters of the bar


def progress(done: int, total: int, stream: TextIO | None = None) -> None:
    """Show how many submissions are done, over the line that is there; end the line with the last.

    Args:
        done: int, from 0 on.
        total: int.
        stream: where to; without it, the error output, so that the output itself stays clean.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or not total:
        return
    filled = WIDTH * done // total
    end = "\n" if done >= total else ""
    words = RUN["graded"].format(done=done, all=total)
    stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {words}{end}")
    stream.flush()
