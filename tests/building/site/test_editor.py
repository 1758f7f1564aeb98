"""The bundles of the editor and of the search come out of the packages that `docs/editor/package-lock.json` pins, byte for byte."""

import json
import os
import shutil
import subprocess

import pytest


def test_what_is_pinned_names_no_server_and_has_its_digest(root):
    packages = json.loads((root / "docs/editor/package-lock.json").read_text("utf-8"))["packages"]
    pinned = {name: package for name, package in packages.items() if name}
    assert "node_modules/@codemirror/view" in pinned
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in pinned.values())


@pytest.mark.skipif(not os.environ.get("COURSE_NETWORK"), reason="asks the package index; COURSE_NETWORK=1 runs it")
@pytest.mark.skipif(not shutil.which("npm"), reason="no npm here")
def test_the_bundle_is_made_of_what_is_pinned(root, tmp_path):
    shutil.copytree(root / "docs/editor", tmp_path / "editor", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "static").mkdir()
    for command in (["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
        done = subprocess.run(command, cwd=tmp_path / "editor", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    for name in ("codemirror.js", "minisearch.js"):
        assert (tmp_path / "static" / name).read_bytes() == (root / "docs/static" / name).read_bytes()
