"""A report card for an activation function of your own."""
