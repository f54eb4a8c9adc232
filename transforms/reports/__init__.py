"""Inspection frameworks, one module each, and the one engine that reads a report."""
