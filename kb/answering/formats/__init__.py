"""Citations as other programs and papers want them: one module for each format."""
