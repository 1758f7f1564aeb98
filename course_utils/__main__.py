"""`python -m course_utils`, which is the command `course`.

It starts even where a file of the reader's own is called like one of Python's modules, so that `course doctor` can name it.
"""

import os  # what Python itself has loaded by now: the only imports that no file can stand in the way of
import sys


def main() -> int:
    """Run the command `course`, with Python's own modules and installed packages before anything else on the path."""
    standard = os.path.dirname(os.__file__)
    installed = ("site-packages", "dist-packages")
    sys.path.sort(key=lambda place: 1 if place.endswith(installed) else 0 if place.startswith(standard) else 2)
    from course_utils.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
