"""The page of check results: one self-contained HTML file that opens without a network.

Great Expectations' own pages load their styling from public addresses, so inside a council they
come up blank; this one carries its own. The verdict comes first, then what failed and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from expectations.check import CheckReport, CheckResult, SkippedCheck

# Enough to see what is wrong; all kept rows are in meta.check_result.
MOST_ROWS_SHOWN = 25
MOST_REJECTS_SHOWN = 500

STAGES = {"staged": "as parsed, before the merge", "star": "as it would be published"}


@dataclass(slots=True)
class _TableResults:
    """All checks of one table in one stage."""

    name: str
    stage: str
    results: list[CheckResult] = field(default_factory=list)
    skipped: list[SkippedCheck] = field(default_factory=list)
    wanting: int = 0  # rules that could not run

    @property
    def failed(self) -> int:
        return sum(not r.success for r in self.results) - self.wanting

    @property
    def tone(self) -> str:
        return "bad" if any(not r.success and r.severity == "blocking" for r in self.results) else "warn"


@dataclass(slots=True)
class _Need:
    """What rules lacked: which rules, in which submissions (authority and year)."""

    name: str = ""
    rules: dict[str, str] = field(default_factory=dict)
    submissions: set[tuple[str, str]] = field(default_factory=set)


def render_page(reports: CheckReport | Sequence[CheckReport], summary: Mapping[str, Any] | None = None) -> str:
    """Render the results of one load.

    Args:
        reports: of the stages that were checked, in order.
        summary: what else is known of the load, all of it optional: `load_id`; `error`, why the
            checks could not run; `quarantined`, mappings with `file` and `reason`; `rejects`, rows
            of `meta.reject`; `facts`, a mapping of short captions to values to show at the top;
            `documents`, landing paths by sha256, shown beside failing rows.

    Returns:
        HTML text with every value escaped and no reference to another file or address.
    """
    known = dict(summary or {})
    listed = [reports] if isinstance(reports, CheckReport) else list(reports)
    results = [r for report in listed for r in report.results]
    wanting = [r for r in results if r.severity == "warning" and _lacked_input(r)]
    failures = sorted(
        (r for r in results if not r.success and r not in wanting), key=lambda r: r.severity != "blocking"
    )
    counts = {
        "run": len(results) - len(wanting),
        "passed": len(results) - len(wanting) - len(failures),
        "blocking": sum(r.severity == "blocking" for r in failures),
        "warnings": sum(r.severity == "warning" for r in failures),
    }
    quarantined = list(known.get("quarantined") or ())
    html: str = _template().render(
        load_id=known.get("load_id") or (listed[0].load_id if listed else "unknown"),
        checked_at=_when(max((r.checked_at for r in listed), default=None)),
        verdict=_verdict(counts, len(quarantined), known.get("error")),
        counts=counts,
        failures=failures,
        wanting=_by_need(wanting),
        wanting_count=len(wanting),
        not_run={r.check_id for r in wanting},
        tables=_by_table(listed, wanting),
        quarantined=quarantined,
        rejects=list(known.get("rejects") or ()),
        facts=list((known.get("facts") or {}).items()),
        documents=dict(known.get("documents") or {}),
        stages=STAGES,
        most_rows=MOST_ROWS_SHOWN,
        most_rejects=MOST_REJECTS_SHOWN,
    )
    return html


def _lacked_input(result: CheckResult) -> bool:
    """Whether a rule of a return ran on no submission of the load: it found no fault, and did not pass either."""
    rows = result.failing_rows
    return result.unexpected_count == len(rows) > 0 and all(row.get("state") == "not_run" for row in rows)


def _by_need(results: Sequence[CheckResult]) -> list[_Need]:
    """Gather rules that could not run by what they need, the most wanted first."""
    needs: dict[str, _Need] = {}
    for result in results:
        for row in result.failing_rows:
            need = needs.setdefault(str(row.get("needs") or "not told"), _Need())
            need.rules[result.check_id] = result.why
            need.submissions.add((str(row.get("la_code")), str(row.get("year"))))
    for name, need in needs.items():
        need.name = name
    return sorted(needs.values(), key=lambda need: (-len(need.rules), need.name))


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = resources.files("expectations").joinpath("page.html.j2").read_text("utf-8")
    return environment.from_string(text)


def _when(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC" if moment else "not at all"


def _verdict(counts: Mapping[str, int], quarantined: int, error: str | None) -> dict[str, str]:
    """Say first what the reader came for: may the data be used."""
    if error:
        sentence = f"The checks could not be carried out, so nothing was published: {error}"
        return {"tone": "bad", "mark": "✕", "word": "Not checked", "sentence": sentence}
    aside = f" {_files(quarantined)} put aside with the reason given below." if quarantined else ""
    if counts["blocking"]:
        what = "One blocking check" if counts["blocking"] == 1 else f"{counts['blocking']} blocking checks"
        sentence = f"{what} failed. Nothing of this load was published; the last good version stays.{aside}"
        return {"tone": "bad", "mark": "✕", "word": "Refused", "sentence": sentence}
    if not counts["run"]:
        return {"tone": "warn", "mark": "!", "word": "Not checked", "sentence": "No check was run on this load."}
    if counts["warnings"]:
        what = "one warning" if counts["warnings"] == 1 else f"{counts['warnings']} warnings"
        sentence = f"No blocking check failed; {what} to look at.{aside}"
        return {"tone": "warn", "mark": "✓", "word": "Passed with warnings", "sentence": sentence}
    return {"tone": "good", "mark": "✓", "word": "Passed", "sentence": f"Every check passed.{aside}"}


def _files(count: int) -> str:
    return "One file was" if count == 1 else f"{count} files were"


def _by_table(reports: Sequence[CheckReport], wanting: Sequence[CheckResult]) -> list[_TableResults]:
    """Gather results by stage and table, tables with failures first."""
    tables: dict[tuple[str, str], _TableResults] = {}
    for report in reports:
        for result in report.results:
            key = (report.stage, result.table)
            table = tables.setdefault(key, _TableResults(result.table, report.stage))
            table.results.append(result)
            table.wanting += result in wanting
        for skipped in report.skipped:
            key = (report.stage, skipped.table)
            tables.setdefault(key, _TableResults(skipped.table, report.stage)).skipped.append(skipped)
    return sorted(tables.values(), key=lambda t: (not t.failed, t.stage != "star", t.name))
