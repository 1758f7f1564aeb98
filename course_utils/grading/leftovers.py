"""Removes what a killed run left behind: its folders for submissions and its unfinished files."""

import os
import re
import tempfile
from pathlib import Path

from course_utils.grading.files import UNFINISHED
from course_utils.grading.sandbox.process import FOLDERS, remove_folder

OWN = re.compile(rf"{FOLDERS}(\d+)-\w+")


def take_away(out: Path) -> None:
    """Remove the temporary folders of graders that have ended, and a report's unfinished files that nobody is writing.

    Args:
        out: path of the report's folder.
    """
    with os.scandir(tempfile.gettempdir()) as entries:
        left = [entry.path for entry in entries if (own := OWN.fullmatch(entry.name)) and not _runs(int(own[1]))]
    for folder in left:
        remove_folder(folder)
    for folder in (out, *(out / name for name in ("feedback", "gradescope"))):
        for path in folder.glob(f"{UNFINISHED}*"):
            path.unlink(missing_ok=True)


def _runs(process):
    if os.name == "nt":
        return True  # os.kill would end the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
