"""Optional: a language model writes the answer; what it writes is kept only if it is verified."""
