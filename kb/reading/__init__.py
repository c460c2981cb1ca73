"""From the bytes of a file to a Document: one module per format, and the repair of lines."""
