"""A DuckDB dialect through which Great Expectations sees its results.

Great Expectations fetches after it has given the connection back, when DuckDB's cursor is
already empty ("list index out of range"; its issues 10738 and 11579). The dialect therefore
reads every result into memory at once. Results are counts: failing rows never pass here.

Source: https://docs.sqlalchemy.org/en/20/core/connections.html (cursor fetch strategies).
"""

from __future__ import annotations

from typing import Any

import duckdb_sqlalchemy
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

_ExecutionContext: Any = duckdb_sqlalchemy.Dialect.execution_ctx_cls


class BufferedContext(_ExecutionContext):  # type: ignore[misc]
    """Execution context that keeps the rows of each statement."""

    def post_exec(self) -> None:
        """Fetch everything while the cursor is still open."""
        super().post_exec()
        description = self.cursor.description
        if description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, alternate_description=description, initial_buffer=self.cursor.fetchall()
            )


class BufferedDuckDB(duckdb_sqlalchemy.Dialect):  # type: ignore[misc]
    """DuckDB with buffered results, under the address `duckdb+gx:///file`."""

    execution_ctx_cls = BufferedContext
    supports_statement_cache = True


def register() -> None:
    """Make `duckdb+gx` known to SQLAlchemy. Safe to call again."""
    registry.register("duckdb.gx", __name__, BufferedDuckDB.__name__)
