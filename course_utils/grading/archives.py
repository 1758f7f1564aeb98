"""Reads zip files that were handed in without unpacking them, so no path in one can point outside.

A file in an archive is addressed by the archive's path followed by its own: `ann/homework.zip/02_sigmoid.ipynb`.
"""

import contextlib
import io
import lzma
import re
import stat
import struct
import threading
import time
import zipfile
import zlib
from bisect import bisect_left
from collections import Counter
from functools import cached_property
from pathlib import Path

from course_utils.texts import _

ZIP = re.compile(r"\.zip$", re.IGNORECASE)
MOST_FILES = 100_000  # in an archive: a class's, with all that its students handed in, is one
MOST_NESTED_FILES = 10_000  # in a nested archive
MOST_DIRECTORY = 30_000_000  # bytes of an archive's directory
NESTED = 2  # how deep archives inside archives are read
MOST_NESTED = 20_000_000  # bytes of a nested archive
LARGE, MOST_RATIO = (
    20_000_000,
    50,
)  # a zip bomb: more bytes than this, compressed more than notebooks with pictures ever are
CHUNK = 500_000  # bytes per read
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, IndexError)


class BadArchive(Exception):
    """An archive or a file in one can't be read; the message is the reason, as the end of a sentence."""


def around(path: Path, root: Path) -> Path | None:
    """The archive on disk that a path leads into, or None."""
    if ".zip" not in str(path).lower():
        return None
    place = root
    for part in ("", *path.relative_to(root).parts[:-1]):
        place = place / part
        if ZIP.search(place.name) and place.is_file():
            return place
    return None


def below(archive: Path, folder: str = "") -> list[str]:
    """The names of the files in a folder of an archive and in the folders below it, including those in nested archives.

    Args:
        archive: its path.
        folder: its path inside the archive with `/`, "" for all; a single file's path gives this one.

    Returns:
        The paths inside the archive with `/`, sorted, without parts that lead out of it.

    Raises:
        BadArchive: it can't be read.
    """
    names = _opened(archive).sorted_names
    if not folder:
        return list(names)
    start = bisect_left(names, f"{folder}/")
    end = bisect_left(names, f"{folder}0")  # the character after "/"
    alone = bisect_left(names, folder)
    return [*names[alone : alone + (names[alone : alone + 1] == [folder])], *names[start:end]]


def read(archive: Path, name: str, most: int) -> bytes:
    """The first `most` bytes of a file in an archive, named as `below` names it.

    Raises:
        BadArchive: it can't be read or does not exist.
    """
    return _read(_opened(archive), name, most)


def changed(archive: Path, name: str) -> float:
    """When a file in an archive was last changed, in seconds since 1970; 0 if unknown."""
    try:
        return _opened(archive).listed.get(name, 0.0)
    except BadArchive:
        return 0.0


class _Opened:
    """An open archive with its files by name."""

    def __init__(self, file, most=MOST_FILES):
        try:
            self.zip = zipfile.ZipFile(_Careful(file))
        except NotImplementedError:
            raise BadArchive(_("it is packed in a way that can't be read here")) from None
        except DAMAGED:
            raise BadArchive(_("it is no zip file, or a damaged one")) from None
        if len(self.zip.infolist()) > most:
            raise BadArchive(_("it holds more than {most:,} files").format(most=most))
        self.files, again = {}, Counter()
        for info in self.zip.infolist():
            if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                name = _harmless(info)
                again[name] += 1
                self.files[name if again[name] == 1 else f"({again[name]})/{name}"] = info

    @cached_property
    def listed(self) -> dict[str, float]:
        """Name -> time of the last change, for its files and those in nested archives."""
        return dict(_files(self, NESTED))

    @cached_property
    def sorted_names(self) -> list[str]:
        return sorted(self.listed)

    def bytes_of(self, name, most):
        info, found = self.files[name], io.BytesIO()
        if info.file_size > LARGE and info.file_size > MOST_RATIO * info.compress_size:
            raise BadArchive(_("it unpacks to far more than it is"))
        try:
            with self.zip.open(info) as file:
                while found.tell() < most and (part := file.read(min(CHUNK, most - found.tell()))):
                    found.write(part)
        except RuntimeError as error:  # NotImplementedError is a RuntimeError
            known = isinstance(error, NotImplementedError)
            raise BadArchive(
                _("it is packed in a way that can't be read here") if known else _("it needs a password")
            ) from None
        except DAMAGED:
            raise BadArchive(_("it is no zip file, or a damaged one")) from None
        return found.getvalue()


class _Careful:
    """A file that limits each read: an archive's directory is read in one go and may claim any length."""

    def __init__(self, file):
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def __del__(self):
        self._file.close()

    def read(self, size=-1):
        found = (
            self._file.read(MOST_DIRECTORY + 1 if size is None or size < 0 else size)
            if size <= MOST_DIRECTORY
            else None
        )
        if found is None or len(found) > MOST_DIRECTORY:
            raise zipfile.BadZipFile("too much at once")
        return found


_kept = threading.local()  # the archive that a thread has read last: a class's is asked for every file in it


def _opened(archive):
    try:
        state = archive.stat()
        key = archive, state.st_ino, state.st_size, state.st_mtime_ns
        if getattr(_kept, "key", None) != key:
            _kept.key = _kept.opened = None
            _kept.opened = _Opened(archive.open("rb"))
            _kept.key = key
    except PermissionError:
        raise
    except OSError as error:
        raise BadArchive(error.strerror or type(error).__name__) from None
    return _kept.opened


def _files(opened, nested):
    for name, info in opened.files.items():
        inner = None
        if ZIP.search(name) and nested:
            with contextlib.suppress(BadArchive):  # then it is listed as a file that was not read
                inner = list(
                    _files(_Opened(io.BytesIO(opened.bytes_of(name, MOST_NESTED)), MOST_NESTED_FILES), nested - 1)
                )
        if inner is None:
            yield name, _moment(info)
        else:
            yield from ((f"{name}/{inside}", moment) for inside, moment in inner)


def _read(opened, name, most):
    if name in opened.files:
        return opened.bytes_of(name, most)
    for outer in opened.files:
        if ZIP.search(outer) and name.startswith(f"{outer}/"):
            inner = _Opened(io.BytesIO(opened.bytes_of(outer, MOST_NESTED)), MOST_NESTED_FILES)
            return _read(inner, name.removeprefix(f"{outer}/"), most)
    raise BadArchive(_("it is no longer in the archive"))


def _harmless(info):
    """A file's name without parts that lead out of the archive, in the intended encoding."""
    name = info.filename
    if not info.flag_bits & 0x800:  # the archive does not declare its names as UTF-8, but most are
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = [
        part for part in re.split(r"[/\\]", name) if part not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", part)
    ]
    return "/".join(parts) or "file"


def _moment(info):
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
