"""Cleaners: each reads a document and says what it found."""
