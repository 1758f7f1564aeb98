"""Networks with one input: the broken lines that ReLUs draw, and how many pieces they have."""
