"""A progress bar on the terminal while a class is graded; nothing if the output is not a terminal."""

import sys
from typing import TextIO

from course_utils.grading.grading_messages import RUN

WIDTH = 30  # characters


def progress(done: int, total: int, stream: TextIO | None = None) -> None:
    """Redraw the line that shows how many submissions are done; end the line after the last.

    Args:
        done: int, from 0 on.
        total: int.
        stream: where to write; by default stderr, so that stdout stays clean.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or not total:
        return
    filled = WIDTH * done // total
    end = "\n" if done >= total else ""
    words = RUN["graded"].format(done=done, all=total)
    stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {words}{end}")
    stream.flush()
