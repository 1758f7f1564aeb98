"""Python for the exercise pages: the files that `pyodide.toml` pins, from a folder or downloaded once, and always checked.

They go onto the site as scripts, `python/01.js` and so on, since a page opened from disk can load nothing else. The files are
compressed and concatenated; each script holds one piece of the result.
"""

import base64
import contextlib
import gzip
import hashlib
import http.client
import tarfile
import tomllib
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from course_utils.building.site import subset

PINNED = tomllib.loads(Path(__file__).with_name("pyodide.toml").read_text("utf-8"))
PIECE = 768 * 1024  # bytes in a script, before base64: the step of the progress bar
TIMEOUT = 30  # seconds without a byte
COURSE = "course.zip"
SENTENCES = {
    "no_folder": "COURSE_PYODIDE names {folder}, which is no folder.",
    "missing": "{folder} lacks {name}, which course_utils/building/site/pyodide.toml lists with its address.",
    "altered": "{name} in {folder} is not the file that course_utils/building/site/pyodide.toml pins: its sha256 is {found}. Fetch it again.",
    "download": "{address} could not be downloaded ({reason}).",
    "downloaded": "{address} is not the file that course_utils/building/site/pyodide.toml pins: its sha256 is {found}.",
}


class PyodideError(RuntimeError):
    """The pinned files are not available; the message says why, in a sentence."""


def from_folder(folder: Path) -> dict[str, bytes]:
    """The pinned files from a folder, unpacked or in the npm package's archive.

    Args:
        folder: Path.

    Returns:
        dict, name -> bytes.

    Raises:
        PyodideError: there is no such folder, or a file is missing or not the pinned one.
    """
    if not folder.is_dir():
        raise PyodideError(SENTENCES["no_folder"].format(folder=folder))
    found = _in_archive(folder / PINNED["archive"])
    found |= {f["name"]: (folder / f["name"]).read_bytes() for f in PINNED["files"] if (folder / f["name"]).is_file()}
    for file in PINNED["files"]:
        if file["name"] not in found:
            raise PyodideError(SENTENCES["missing"].format(folder=folder, name=file["name"]))
        if (digest := _sha256(found[file["name"]])) != file["sha256"]:
            raise PyodideError(SENTENCES["altered"].format(folder=folder, name=file["name"], found=digest))
    return {file["name"]: found[file["name"]] for file in PINNED["files"]}


def downloaded(cache: Path) -> dict[str, bytes]:
    """The pinned files from a folder, after downloading those that are missing or altered.

    Args:
        cache: Path of the folder, which is made if necessary.

    Returns:
        dict, name -> bytes.

    Raises:
        PyodideError: a download failed, or didn't give the pinned file.
    """
    cache.mkdir(parents=True, exist_ok=True)
    for file in PINNED["files"]:
        path = cache / file["name"]
        if not path.is_file() or _sha256(path.read_bytes()) != file["sha256"]:
            part = path.with_name(f"{path.name}.part")
            part.write_bytes(_download(file))
            part.replace(path)
    return from_folder(cache)


def scripts(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict]:
    """Python as scripts for the site, and what a page must know to load them.

    Args:
        files: dict, name -> bytes, as from `from_folder`.

    Returns:
        dict, name of a script -> its text; and a dict for JSON: "bytes", the size of all scripts together, "scripts", pairs of a
        name and the digest in the script, and "files", name -> where it begins and ends in the concatenated bytes.
    """
    places, pieces, length = {}, [], 0
    for some in (
        files,
        {COURSE: subset.as_zip()},
    ):  # separate, so that a browser's cached Python survives a change of the course
        row = b""
        for name, content in some.items():
            packed = gzip.compress(content, 9, mtime=0)
            places[name] = (length + len(row), length + len(row) + len(packed))
            row += packed
        pieces += [row[at : at + PIECE] for at in range(0, len(row), PIECE)]
        length += len(row)
    digests = [_sha256(piece)[:16] for piece in pieces]
    texts = {
        f"{place:02}.js": f'coursePython({place}, "{digest}", "{base64.b64encode(piece).decode()}");\n'
        for place, (digest, piece) in enumerate(zip(digests, pieces, strict=True), start=1)
    }
    listed = list(zip(texts, digests, strict=True))
    return texts, {"bytes": sum(map(len, texts.values())), "scripts": listed, "files": places}


def _in_archive(path):
    wanted = {file["name"] for file in PINNED["files"]}
    if not path.is_file():
        return {}
    with contextlib.suppress(tarfile.TarError, OSError, EOFError), tarfile.open(path) as archive:
        members = {member.name.removeprefix("package/"): member for member in archive if member.isfile()}
        return {name: archive.extractfile(members[name]).read() for name in wanted & set(members)}
    return {}


def _download(file):
    try:
        with urllib.request.urlopen(file["address"], timeout=TIMEOUT) as answer:
            content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise PyodideError(SENTENCES["download"].format(address=file["address"], reason=reason)) from None
    if (digest := _sha256(content)) != file["sha256"]:
        raise PyodideError(SENTENCES["downloaded"].format(address=file["address"], found=digest))
    return content


def _sha256(content):
    return hashlib.sha256(content).hexdigest()
