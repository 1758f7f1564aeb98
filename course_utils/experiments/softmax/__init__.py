"""What softmax makes of a row of scores, and how sure a network is of inputs from no class."""
