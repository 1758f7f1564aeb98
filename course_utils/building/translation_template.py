"""`course_utils.pot`: every sentence in Python code, for translators."""

import re
from io import BytesIO
from pathlib import Path

PATH = "course_utils/texts/course_utils.pot"
KEYWORDS = {"_": None, "ngettext": (1, 2)}
HEADER = """\
# Every sentence in the Python code of the course.
# Made by `course build`; don't edit it here. How a translation is made and tried: CONTRIBUTING.md."""
KEPT = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")  # fields of the header: no date, name or version
HEADER_LINE = re.compile(r'^"([\w-]+): .*\\n"\n', re.MULTILINE)


def template(root: Path) -> str:
    """Collect the sentences.

    Args:
        root: Path of the repository.

    Returns:
        The text of a gettext template: each sentence once, in the order of the files, without dates and line numbers.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_file
    from babel.messages.pofile import write_po

    catalog = Catalog(project="course-utils", version="", header_comment=HEADER, fuzzy=False)
    for path in sorted((root / "course_utils").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for line, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
            catalog.add(message, locations=[(place, line)])
    written = BytesIO()
    write_po(written, catalog, width=0, include_lineno=False)
    head, _, messages = written.getvalue().decode().partition("\n\n")
    return HEADER_LINE.sub(lambda line: line[0] if line[1] in KEPT else "", f"{head}\n") + f"\n{messages}"
