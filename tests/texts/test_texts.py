"""Every sentence in Python code can be translated, and nothing depends on how it reads."""

from course_utils.texts import _


def test_without_a_translation_a_sentence_is_itself():
    assert _("Yes.") == "Yes."
