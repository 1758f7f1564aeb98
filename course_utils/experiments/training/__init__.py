"""Networks trained on small data with several seeds: the one training loop and what is measured while it runs."""
