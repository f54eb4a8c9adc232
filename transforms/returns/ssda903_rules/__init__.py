"""The department's validation rules of the children looked after return (SSDA903): each module lists its `RULES`."""
