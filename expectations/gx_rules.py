"""Expectations of our own, for what Great Expectations has none that runs, or runs fast, on DuckDB.

Imported by the runner alone, as importing Great Expectations takes seconds.
All of them count and fetch no row, so no failing value ever enters its results.
"""

# mypy: disable-error-code="misc,untyped-decorator"
# The engine's classes are untyped to mypy.

from __future__ import annotations

import re
from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.query_metrics import UnexpectedRowsQueryRowCount
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from expectations.check import identifier

# `:word` is a parameter to SQLAlchemy wherever it stands, quoted text included.
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def plain(sql: str) -> str:
    """Return SQL in which SQLAlchemy finds no parameters."""
    return _PARAMETER.sub(r"\\:", sql)


class RowsWhere(TableMetricProvider):
    """How many rows of a table meet a condition, counted in the same scan as its other metrics."""

    metric_name = "table.rows_where"
    value_keys = ("condition",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805 - the decorator passes the class
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        condition = sa.text(f"({plain(metric_value_kwargs['condition'])})")
        count = sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
        return count, metric_domain_kwargs, {}


class _Said(BatchExpectation):
    """An expectation that puts itself into words once: the engine asks for them thirty times for each verdict."""

    _words: Any = PrivateAttr(None)

    @property
    def configuration(self) -> Any:
        """Return the expectation as the engine passes it around; it copies it before it changes anything."""
        if self._words is None:
            self._words = super().configuration
        return self._words


class ExpectNoRowsWhere(_Said):
    """No row of the table meets the condition."""

    condition: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.rows_where", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("condition",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = int(metrics["table.rows_where"])
        result = {"unexpected_count": count, "element_count": metrics["table.row_count"]}
        return {"success": count == 0, "result": result}


class SurplusRows(TableMetricProvider):
    """How many rows there are beyond the first of each key, counted in the same scan as the rest.

    The engine's own uniqueness costs five queries for each key.
    """

    metric_name = "table.surplus_rows"
    value_keys = ("keys",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805 - the decorator passes the class
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        keys = [identifier(key) for key in metric_value_kwargs["keys"]]
        some = " OR ".join(f"{key} IS NOT NULL" for key in keys)
        counted = f"count(*) FILTER ({some}) - count(DISTINCT ({', '.join(keys)})) FILTER ({some})"
        return sa.literal_column(plain(counted), sa.BigInteger), metric_domain_kwargs, {}


class ExpectKeysToBeUnique(_Said):
    """No two rows of the table have the same key; rows whose key is all null are passed over."""

    keys: list[str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.surplus_rows", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("keys",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = int(metrics["table.surplus_rows"])
        result = {"unexpected_count": count, "element_count": metrics["table.row_count"]}
        return {"success": count == 0, "result": result}


class RowsOfQuery(UnexpectedRowsQueryRowCount):
    """How many rows a query selects, taken as written: braces and colons are its own."""

    metric_name = "query.rows_selected"
    value_keys = ("query_text",)
    query_param_name: ClassVar[str] = "query_text"

    @classmethod
    def _format_query(cls, query: str, /, **kwargs: Any) -> str:
        return plain(query)


class ExpectQueryToSelectNothing(_Said):
    """The query, which selects wrong rows, selects none."""

    query_text: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.rows_selected",)
    success_keys: ClassVar[tuple[str, ...]] = ("query_text",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = int(metrics["query.rows_selected"])
        return {"success": count == 0, "result": {"observed_value": count}}
