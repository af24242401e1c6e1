"""Makers of knowledge: they write what was fitted or gathered for `rules/`; run by hand, in no wheel."""
