"""Grades in this process. The alternative engine is `dask_cluster`."""

from course_utils.grading.notebook import Graded, NotebookTask, Terms, grade_notebook
from course_utils.grading.sandbox.pool import ForkPool, OneByOne


class Here:
    """Grades in this process; each submission runs in its own.

    Args:
        processes: where submissions run.
        jobs: how many notebooks to grade at a time.
    """

    def __init__(self, processes: ForkPool | OneByOne, jobs: int):
        self.processes, self.jobs = processes, jobs
        self.isolation, self.warm = processes.isolation, processes.warm

    def grade(self, task: NotebookTask, terms: Terms) -> Graded:
        """The `Graded` of a `NotebookTask`."""
        return grade_notebook(task, terms, self.processes)

    def stop(self) -> None:
        """Start nothing further: the run was interrupted."""
        self.processes.stop()
