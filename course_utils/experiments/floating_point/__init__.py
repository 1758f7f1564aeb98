"""Where floating-point numbers end before a curve does."""
