"""Checks: declared once, run by Great Expectations where the data lies."""
