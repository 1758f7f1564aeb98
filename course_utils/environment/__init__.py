"""What runs on this machine, and what to do where something does not."""
