"""Diagnosing a Keras model layer by layer, and faulty networks to practise on."""
