"""Activations where they stand in today's networks: residual blocks, attention, gated and learned units, steps, 16 bits."""
