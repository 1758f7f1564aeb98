"""What sets tanh apart from the sigmoid: slope, centre and the conditioning of the loss."""
