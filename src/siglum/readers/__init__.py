"""Readers: bytes and rows in, documents out."""
