"""Checks whether the course's claims hold on other processors: `make portable` runs notebooks and tests under variants."""
