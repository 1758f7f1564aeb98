"""Python imports this when it starts, in a notebook's kernel too, if this folder is on PYTHONPATH."""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
if os.environ.get("COURSE_NOISE"):
    from portability import noise

    noise.install(os.environ["COURSE_NOISE"])
if os.environ.get("ONEDNN_MAX_CPU_ISA"):
    from portability import half_precision

    half_precision.install()
