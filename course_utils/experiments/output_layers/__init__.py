"""Output layers and losses, right and wrong, judged by what the network predicts."""
