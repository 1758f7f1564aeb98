"""Why a call is tried: the sentences that several exercises share. They stand beside a failure."""

from course_utils.texts import _

FLOAT32 = _("In float32, as networks compute.")
TABLE = _("A table: the result is to have its shape.")
DEEPER = _("A table of tables: the result is to have its shape.")
ALONE = _("A single number, in an array without axes.")
FAR = _("As far out as the exercise goes.")
CLASSES = _("Many classes.")
