"""Exercises of the chapter on choosing an activation."""

ORDER = ("output_layer", "swish", "my_activation")
