"""The department's validation rules of the children in need census: each module lists its `RULES`."""
