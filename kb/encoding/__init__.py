"""Text encoders: from text to vectors of unit length."""
