"""Fusion of the legs' scores: pure functions of numbers, and the weights they use."""
