"""The warehouse: landing zone, store, pipeline and command line."""
