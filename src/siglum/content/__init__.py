"""Article or furniture: votes of extractors on a page, a line model for plain text."""
