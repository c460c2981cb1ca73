"""Facts drawn from passages by rules and the glossary: facets, measures, disputes, responses."""

TRACKER_VERSION = 5
"""Raised whenever the same text gives other facets or facts."""
