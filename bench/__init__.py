"""Measurements of whole commands, against limits measured in the same run. Run by `make bench`."""
