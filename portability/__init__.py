"""Whether what the course says holds on other processors: `make portable` runs notebooks and tests under variants."""
