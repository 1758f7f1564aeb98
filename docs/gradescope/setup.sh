#!/bin/sh
# Gradescope runs this once, when it makes the autograder's image: the course, its Python packages, and bubblewrap.
# Choose the image Ubuntu 24.04, which has Python 3.12. See docs/grading.md.
set -eu
apt-get update
apt-get install -y --no-install-recommends make python3 python3-venv bubblewrap
make -C /autograder/source/course .venv/ready
