"""Where the work of a run is done: in this process; `cluster` has the other place."""

from course_utils.grading.notebook import grade_notebook


class Here:
    """Grades in this process; the submissions themselves run in processes of their own.

    Args:
        processes: where submissions run: a `Worker` or a `OneByOne`.
        jobs: int, how many notebooks at a time.
    """

    def __init__(self, processes, jobs):
        self.processes, self.jobs = processes, jobs
        self.isolation, self.warm = processes.isolation, processes.warm

    def grade(self, task, terms):
        """The `Graded` of a `Task`."""
        return grade_notebook(task, terms, self.processes)

    def stop(self):
        """Start nothing more: the run was interrupted."""
        self.processes.stop()
