"""Concepts: things that Japanese, English and Chinese texts name in different words."""
