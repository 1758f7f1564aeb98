"""What layers without an activation amount to, and what a nonlinearity adds."""
