"""Japanese as it is written in reports: sentences, tokens, folding, question words."""
