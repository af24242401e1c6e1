"""Sites: what the pages of one site have in common, learned and written down as a rule pack."""
