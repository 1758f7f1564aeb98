"""What activations cost in time and in memory."""
