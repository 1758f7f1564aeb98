"""`course release`: the hand-out for a class."""
