"""A run told to others: pure functions of its reports and its summary."""
