"""Dead units and sparsity in ReLU networks, before and after training."""
