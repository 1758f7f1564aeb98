"""Python imports this at its start, also in a notebook's kernel, where this folder is on PYTHONPATH."""

import os
import sys
from pathlib import Path

if os.environ.get("COURSE_NOISE"):
    sys.path.append(str(Path(__file__).parents[2]))
    from portability import noise

    noise.install(os.environ["COURSE_NOISE"])
