"""What people read, in the language that `COURSE_LANGUAGE` names: every sentence in Python code goes through `_` or `ngettext`.

Imports nothing of the course.

Fields are filled in after the translation, `_("{count} of {all}").format(...)`, since an f-string can't be looked up. The language
holds for the whole process, so that a table of sentences may stand at the top of a module. `course build` makes
`course_utils.pot` out of the code; a translation is `<language>/LC_MESSAGES/course_utils.mo` beside it, or in the folder that
`TEXTDOMAINDIR` names. Where a translation lacks a sentence, the English one is shown.
"""

import gettext
import os

DOMAIN = "course_utils"

_translations = gettext.translation(
    DOMAIN,
    os.environ.get("TEXTDOMAINDIR") or os.path.dirname(__file__),
    [os.environ.get("COURSE_LANGUAGE") or "en"],
    fallback=True,
)
_ = _translations.gettext
ngettext = _translations.ngettext
