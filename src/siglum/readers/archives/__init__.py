"""Archives: streams of bytes, what packs them, and the records in them."""
