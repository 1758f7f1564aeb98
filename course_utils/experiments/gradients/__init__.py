"""How much gradient reaches each layer, and which layers a training moves."""
