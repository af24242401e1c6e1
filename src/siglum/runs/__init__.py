"""Many documents: read them, clean them, and keep an account of the run."""
