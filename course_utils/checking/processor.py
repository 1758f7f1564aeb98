"""How long a thread had to wait for a processor: time that no time limit should count."""


def kept_waiting(task: str = "thread-self") -> float:
    """Seconds for which a thread could have run, but others had the processor.

    Args:
        task: the thread's folder in `/proc`; without it, the calling thread's.

    Returns:
        Seconds since the thread started; 0 where the system doesn't tell. Source: Documentation/scheduler/sched-stats of Linux.
    """
    try:
        with open(f"/proc/{task}/schedstat") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
