"""Pure transforms: bytes to raw cells to conformed rows.

Nothing here touches DuckDB, Great Expectations, Airflow, the clock or the network.
"""
