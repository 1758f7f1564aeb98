"""Python imports this when it starts, in a notebook's kernel too, if this folder is on PYTHONPATH."""

import os
import sys
from pathlib import Path

if os.environ.get("COURSE_NOISE"):
    sys.path.append(str(Path(__file__).parents[2]))
    from portability import noise

    noise.install(os.environ["COURSE_NOISE"])
