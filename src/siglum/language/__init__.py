"""Which language each line is in, and how sure that is."""
