"""Kido (希土): a knowledge base of Japanese reports whose every answer is a checked quotation."""

__version__ = "0.1.0"
