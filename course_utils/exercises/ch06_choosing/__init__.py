"""Exercises of the chapter on choosing an activation."""

ORDER = ("swish", "output_layer", "my_activation")
