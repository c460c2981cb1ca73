"""The HTTP face of Kido: the JSON API and the pages that people read."""
