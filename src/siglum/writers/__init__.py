"""Writers: results out, whole or not at all."""
