"""Exercises of the chapter on why a network needs a nonlinearity."""

ORDER = ("hat", "kinks", "collapse", "xor_network")
