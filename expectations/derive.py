"""Checks that every table of a kind needs, made from one declaration of the table.

A new source declares its tables; unique keys, resolved references, text without blanks, pages
inside their document and row counts that do not fall follow from that.
"""

# ruff: noqa: S608 - the SQL is made of names declared in this package, never of data

from __future__ import annotations

from dataclasses import dataclass

from expectations.check import Check, identifier


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns that must name a row of another table; nulls are passed over.

    Attributes:
        columns: of the referring table.
        table: referred to.
        to: its columns, the same names unless given.
        unknown: severity where a surrogate key is 0, the unknown member; None where that is
            an ordinary answer.
        severity: where no row is named.
    """

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...] = ()
    unknown: str | None = None
    severity: str = "blocking"


@dataclass(frozen=True, slots=True)
class Table:
    """What is declared of one table.

    Attributes:
        name: schema-qualified.
        keys: each names one row: natural, surrogate or both.
        show: columns of a failing row that may be shown; never free values about a child.
        present: columns that may not be null and which no constraint guards.
        texts: columns that may not be blank where they are not null.
        references: what must resolve.
        page: column with a page number, with how the row names its document: columns here and
            the table and columns that hold `page_count`.
        may_be_empty: of a source that not everyone uses; its checks are skipped while it has no rows.
        kept_by_source: rows carry `load_id` and `source_key` and only ever leave with a stated cause.
    """

    name: str
    keys: tuple[tuple[str, ...], ...]
    show: tuple[str, ...]
    present: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    page: str | None = None
    document: tuple[str, str] = ("source_key", "star.dim_source")
    kept_by_source: bool = False
    may_be_empty: bool = False


def checks_of(table: Table, stage: str) -> tuple[Check, ...]:
    """Return the checks that follow from what is declared of a table."""
    found = [*_keys(table, stage), *_references(table, stage)]
    if table.present:
        found.append(
            _check(
                table,
                stage,
                "present",
                "not_null",
                columns=table.present,
                why="Without these values the row cannot be placed or understood.",
            )
        )
    if table.texts:
        blank = " OR ".join(f"trim({identifier(c)}) = ''" for c in table.texts)
        found.append(
            _check(
                table,
                stage,
                "text_not_blank",
                "rows",
                sql=blank,
                why="A blank text looks like an answer and hides that nothing was read.",
            )
        )
    if table.page:
        found.append(_page(table, stage))
    if table.kept_by_source:
        found += _sourced(table, stage)
        found += _kept(table, stage)
    return tuple(found)


def _check(table: Table, stage: str, rule: str, kind: str, severity: str = "blocking", **rest: object) -> Check:
    prefix = "staged_" if stage == "staged" else ""
    fields: dict[str, object] = {"show": table.show, **rest}
    if table.may_be_empty:
        earlier = tuple(t for t in fields.get("needs", ()) if t.endswith(table.name))  # type: ignore[attr-defined]
        fields["if_rows"] = (table.name, *earlier)
    name = table.name.split(".")[1]
    return Check(f"{prefix}{name}_{rule}", table.name, stage, severity, kind=kind, **fields)  # type: ignore[arg-type]


def _keys(table: Table, stage: str) -> list[Check]:
    return [
        _check(
            table,
            stage,
            f"{'_'.join(key)}_unique",
            "unique",
            columns=key,
            show=tuple(dict.fromkeys((*key, *table.show))),
            why=f"{' and '.join(key)} name one row; a second one counts the same thing twice.",
        )
        for key in table.keys
    ]


def _references(table: Table, stage: str) -> list[Check]:
    found = []
    for reference in table.references:
        name = "_".join(reference.columns)
        here = ", ".join(identifier(c) for c in reference.columns)
        there = ", ".join(identifier(c) for c in reference.to or reference.columns)
        some = " AND ".join(f"{identifier(c)} IS NOT NULL" for c in reference.columns)
        show = tuple(dict.fromkeys((*reference.columns, *table.show)))
        found.append(
            _check(
                table,
                stage,
                f"{name}_resolved",
                "rows",
                reference.severity,
                show=show,
                sql=f"{some} AND ({here}) NOT IN (SELECT {there} FROM {identifier(reference.table)})",
                why=f"A {name} that names no row of {reference.table} drops out of every joined answer.",
            )
        )
        if reference.unknown:
            own_unknown = reference.columns == table.keys[0]
            column = identifier(reference.columns[0])
            found.append(
                _check(
                    table,
                    stage,
                    f"{name}_known",
                    "rows",
                    reference.unknown,
                    show=show,
                    sql=f"{column} = 0" if own_unknown else _unknown(table, column),
                    why=f"The row counts nationally but belongs to no known row of {reference.table}.",
                )
            )
    return found


def _unknown(table: Table, column: str) -> str:
    """A dimension's own unknown member refers to unknown members by right."""
    own = table.keys[0][0]
    is_dimension = table.name.startswith("star.dim_")
    return f"{column} = 0 AND {identifier(own)} <> 0" if is_dimension else f"{column} = 0"


def _page(table: Table, stage: str) -> Check:
    column, documents = table.document
    page = identifier(table.page or "")
    shown = ", ".join(f"f.{identifier(c)}" for c in dict.fromkeys((*table.show, table.page or "")))
    return _check(
        table,
        stage,
        "page_in_document",
        "query",
        show=tuple(dict.fromkeys((*table.show, table.page or ""))),
        sql=(
            f"SELECT {shown}, d.page_count FROM {identifier(table.name)} f "
            f"JOIN {identifier(documents)} d ON d.{identifier(column)} = f.{identifier(column)} "
            f"WHERE f.{page} < 1 OR f.{page} > d.page_count"
        ),
        why="A page outside its document means the words were not read where the row says.",
    )


def _sourced(table: Table, stage: str) -> list[Check]:
    """Rows say which load brought them, and come from the document that holds their inspection."""
    own = identifier(table.keys[0][0])
    known = "load_id <> $load_id AND load_id NOT IN (SELECT load_id FROM meta.load)"
    found = [
        _check(
            table,
            stage,
            "load_known",
            "rows",
            show=(*table.show, "load_id"),
            sql=f"{own} <> 0 AND {known}" if table.name.startswith("star.dim_") else known,
            why="Every row says which load brought it.",
        )
    ]
    if any(r.columns == ("inspection_key",) for r in table.references):
        same = ["source_key", *(c for r in table.references for c in r.columns if c == "authority_key")]
        shown = ", ".join(f"f.{identifier(c)}" for c in table.show)
        found.append(
            _check(
                table,
                stage,
                "follows_inspection",
                "query",
                sql=f"SELECT {shown} FROM {identifier(table.name)} f "
                "JOIN star.dim_inspection i USING (inspection_key) "
                f"WHERE {' OR '.join(f'f.{c} <> i.{c}' for c in same)}",
                why="A fact comes from the document that holds its inspection, and is of the same authority.",
            )
        )
    return found


def _documents_with_fewer_rows(table: Table) -> tuple[str, str]:
    """Return the query of documents that lost rows though they stand, and the condition that code read them alike.

    Where rows belong to an inspection, each document is compared inspection by inspection: a
    joint report may lose one of its inspections to a later document and keep the other.
    """
    by_inspection = _has_inspection(table)
    grain = "s.sha256, f.inspection_key" if by_inspection else "s.sha256"
    using = "(sha256, inspection_key)" if by_inspection else "(sha256)"
    fallen = (
        "SELECT b.sha256, b.rows_before, coalesce(n.rows_now, 0) AS rows_now FROM ("
        f"SELECT {grain}, any_value(s.parser_version) AS parser_version, count(*) AS rows_before "
        f"FROM {identifier(f'prev.{table.name}')} f JOIN prev.star.dim_source s USING (source_key) "
        f"GROUP BY {grain}) b LEFT JOIN ("
        f"SELECT {grain}, any_value(s.parser_version) AS parser_version, count(*) AS rows_now "
        f"FROM {identifier(table.name)} f JOIN star.dim_source s USING (source_key) GROUP BY {grain}) n USING {using} "
        "LEFT JOIN (SELECT sha256, min(parser_version) AS parser_version FROM meta.source_file GROUP BY sha256) m "
        "USING (sha256) "
    )
    same = "coalesce(n.parser_version, m.parser_version) IS NOT DISTINCT FROM b.parser_version"
    if by_inspection:
        fallen += (
            "LEFT JOIN meta.inspection_document d USING (sha256, inspection_key) "
            "WHERE coalesce(d.is_current, true) AND coalesce(n.rows_now, 0) < b.rows_before"
        )
        # Without a claim to the inspection the document was put aside or read to record another one.
        same += " AND (d.is_current IS NOT NULL OR b.inspection_key = 0)"
    else:
        fallen += (
            "WHERE coalesce(n.rows_now, 0) < b.rows_before "
            "AND b.sha256 NOT IN (SELECT sha256 FROM meta.source_file WHERE state = 'superseded')"
        )
    return fallen, same


def _kept(table: Table, stage: str) -> list[Check]:
    """Rows of a document fall in number only when it was superseded, put aside or read anew."""
    fallen, same = _documents_with_fewer_rows(table)
    needs = (f"prev.{table.name}", "prev.star.dim_source")
    show = ("sha256", "rows_before", "rows_now")
    return [
        _check(
            table,
            stage,
            "rows_kept",
            "query",
            show=show,
            needs=needs,
            sql=f"{fallen} AND {same}",
            why="A document lost rows though nothing replaced it and the code that reads it is the same.",
        ),
        _check(
            table,
            stage,
            "rows_kept_when_read_anew",
            "query",
            "warning",
            show=show,
            needs=needs,
            sql=f"{fallen} AND NOT ({same})",
            why="Read anew, the same document gave fewer rows: meant, or something is now missed.",
        ),
    ]


def _has_inspection(table: Table) -> bool:
    return table.keys[0] == ("inspection_key",) or any(r.columns == ("inspection_key",) for r in table.references)
