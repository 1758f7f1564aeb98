"""The bar on the terminal."""

import io

from course_utils.grading.progress_bar import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_nowhere_else():
    terminal, pipe = Terminal(), io.StringIO()
    for done in range(4):
        progress(done, 3, terminal)
        progress(done, 3, pipe)
    progress(0, 0, terminal)
    assert pipe.getvalue() == ""
    assert terminal.getvalue().split("\r")[1:] == [
        f"[{'.' * 30}] 0 of 3 graded",
        f"[{'#' * 10}{'.' * 20}] 1 of 3 graded",
        f"[{'#' * 20}{'.' * 10}] 2 of 3 graded",
        f"[{'#' * 30}] 3 of 3 graded\n",
    ]
