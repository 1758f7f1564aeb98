"""Grades on a Dask cluster: each Dask worker has its own fork server and judges the answers.

No code of a submission runs in a Dask worker itself. Dask's processes exchange pickles, as always, so the cluster belongs on
a private network or behind TLS (`tls://` addresses and Dask's own configuration).
"""

import contextlib
from collections.abc import Iterator, Sequence

from distributed import Client, Worker, WorkerPlugin, get_worker

from course_utils.grading.notebook import Graded, NotebookTask, Terms, failure, grade_notebook, not_run, specs_of
from course_utils.grading.sandbox.bubblewrap import LEVELS
from course_utils.grading.sandbox.isolation import opened, works
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.store import fingerprint

PLUGIN = "course-grade"
CONNECTING = 20  # seconds
AHEAD = 2  # notebooks sent ahead for each thread, so that no thread sits idle


class NoCluster(Exception):
    """The cluster can't be used; the message is a sentence for the teacher."""


class Submissions(WorkerPlugin):
    """Holds a Dask worker's pool of submission processes."""

    name = PLUGIN

    def __init__(self, isolation: str, preload: Sequence[str]):
        self._isolation, self._preload = isolation, preload
        self.processes = None

    def setup(self, worker: Worker) -> None:
        """Called when the Dask worker starts, or when the plugin is registered."""
        self._open = contextlib.ExitStack()
        self.processes = self._open.enter_context(opened(self._isolation, preload=self._preload))

    def teardown(self, worker: Worker) -> None:
        """Called when the Dask worker ends."""
        self._open.close()


class Cluster:
    """Grades on a Dask cluster. If a Dask worker ends, another one repeats its task.

    Args:
        client: a `distributed.Client`.
        isolation: "auto" or one of `bubblewrap.LEVELS`.
        preload: names of large libraries that submissions use.

    Raises:
        NoCluster: it has no workers, or they run another version of the course.
        CannotStart: the isolation level does not work on one of them.
    """

    def __init__(self, client: Client, isolation: str, preload: Sequence[str]):
        self._client = client
        threads = client.nthreads()
        if not threads:
            raise NoCluster("no_workers")
        self.jobs = AHEAD * sum(threads.values())
        if set(client.run(fingerprint).values()) != {fingerprint()}:
            raise NoCluster("other_version")
        self.isolation, self.warm = _level(client, isolation), True
        client.register_plugin(Submissions(self.isolation, preload))

    def grade(self, task: NotebookTask, terms: Terms) -> Graded:
        """The `Graded` of a `NotebookTask`."""
        try:
            return self._client.submit(_grade_there, task, terms, pure=False).result()
        except Exception as error:  # noqa: BLE001 - a failure of the cluster must not become a mark
            return not_run(specs_of(task.chapter), failure(error))

    def stop(self) -> None:
        """Stop waiting: the run was interrupted."""
        self._client.close()


@contextlib.contextmanager
def connected(address: str, isolation: str, preload: Sequence[str]) -> Iterator[Cluster]:
    """A context manager for a `Cluster` at the address of a scheduler."""
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster("no_scheduler") from error
    with client:
        try:
            yield Cluster(client, isolation, preload)
        finally:
            with contextlib.suppress(Exception):
                client.unregister_worker_plugin(PLUGIN)


def _grade_there(task, terms):
    return grade_notebook(task, terms, get_worker().plugins[PLUGIN].processes)


def _level(client, isolation):
    """The isolation level at which every Dask worker can run submissions.

    Raises:
        CannotStart: no level works everywhere; the message is one worker's reason.
    """
    for level in LEVELS if isolation == "auto" else (isolation,):
        reasons = [reason for reason in client.run(works, level).values() if reason]
        if not reasons:
            return level
    raise CannotStart(reasons[0])
