"""What the starting weights do to a network before and during training."""
