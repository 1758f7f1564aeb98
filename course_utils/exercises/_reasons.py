"""Why a call is tried: the sentences that several exercises share. They stand beside a failure."""

FLOAT32 = "In float32, as networks compute."
TABLE = "A table: the result is to have its shape."
DEEPER = "A table of tables: the result is to have its shape."
ALONE = "A single number, in an array without axes."
FAR = "As far out as the exercise goes."
CLASSES = "Many classes."
