"""How local returns are read: `python -m bench --returns MB` times a made-up census of that size.

The file is made anew for each run, below the temporary folder, and holds nobody: numbers, made-up
codes and dates by a fixed rule. Reading is done by a process of its own, so that its processor time
and peak memory are its own.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_YEAR = 2026
_HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<Message>
  <Header>
    <CollectionDetails><Collection>CIN</Collection><Year>{_YEAR}</Year>
      <ReferenceDate>{_YEAR}-03-31</ReferenceDate></CollectionDetails>
    <Source><SourceLevel>L</SourceLevel><LEA>999</LEA><SoftwareCode>made up</SoftwareCode>
      <Release>1</Release><SerialNo>001</SerialNo><DateTime>{_YEAR}-05-01T09:00:00</DateTime></Source>
  </Header>
  <Children>
"""
_TAIL = "  </Children>\n</Message>\n"
_FIRST = date(_YEAR - 1, 4, 1)
_READ = "import sys; from bench.returns import read_all; read_all(sys.argv[1])"


def make_census(path: Path, megabytes: float = math.inf, children: float = math.inf) -> int:
    """Write a made-up children in need census, up to about a size or a number of children; return that number."""
    written, made = 0, 0
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        while written < megabytes * 1_000_000 and made < children:
            child = "".join(_child(made))
            file.write(child)
            written += len(child)
            made += 1
        file.write(_TAIL)
    return made


def _day(number: int) -> str:
    return (_FIRST + timedelta(number % 365)).isoformat()


def _child(number: int) -> Iterator[str]:
    yield f"""    <Child>
      <ChildIdentifiers>
        <LAchildID>MADE{number:09d}</LAchildID>
        <UPN>A999{number:09d}</UPN>
        <PersonBirthDate>{date(2010 + number % 15, 1 + number % 12, 1 + number % 28).isoformat()}</PersonBirthDate>
        <Sex>{"MFU"[number % 3]}</Sex>
      </ChildIdentifiers>
      <ChildCharacteristics>
        <Ethnicity>WBRI</Ethnicity>
        <Disabilities><Disability>NONE</Disability></Disabilities>
      </ChildCharacteristics>
"""
    for episode in range(2):
        start = number * 7 + episode * 90
        yield f"""      <CINdetails>
        <CINreferralDate>{_day(start)}</CINreferralDate>
        <ReferralSource>1A</ReferralSource>
        <PrimaryNeedCode>N1</PrimaryNeedCode>
        <CINclosureDate>{_day(start + 80)}</CINclosureDate>
        <ReasonForClosure>RC1</ReasonForClosure>
"""
        for assessment in range(1 + episode):
            yield f"""        <Assessments>
          <AssessmentActualStartDate>{_day(start + assessment)}</AssessmentActualStartDate>
          <AssessmentAuthorisationDate>{_day(start + assessment + 40)}</AssessmentAuthorisationDate>
          <FactorsIdentifiedAtAssessment>
            <AssessmentFactors>1A</AssessmentFactors>
            <AssessmentFactors>3B</AssessmentFactors>
          </FactorsIdentifiedAtAssessment>
        </Assessments>
"""
        if number % 3 == 0:
            yield f"""        <CINPlanDates>
          <CINPlanStartDate>{_day(start + 10)}</CINPlanStartDate>
          <CINPlanEndDate>{_day(start + 70)}</CINPlanEndDate>
        </CINPlanDates>
"""
        if number % 4 == 0:
            yield f"""        <Section47>
          <S47ActualStartDate>{_day(start + 3)}</S47ActualStartDate>
          <InitialCPCtarget>{_day(start + 20)}</InitialCPCtarget>
          <DateOfInitialCPC>{_day(start + 18)}</DateOfInitialCPC>
          <ICPCnotRequired>false</ICPCnotRequired>
        </Section47>
"""
        yield "        <ReferralNFA>false</ReferralNFA>\n"
        if number % 5 == 0:
            yield f"""        <ChildProtectionPlans>
          <CPPstartDate>{_day(start)}</CPPstartDate>
          <InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
          <LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>
          <NumberOfPreviousCPP>0</NumberOfPreviousCPP>
          <Reviews><CPPreviewDate>{_day(start + 85)}</CPPreviewDate></Reviews>
        </ChildProtectionPlans>
"""
        yield "      </CINdetails>\n"
    yield "    </Child>\n"


def read_all(path: str) -> None:
    """Read a census into typed tables piece by piece, keep them, and print the rows of each."""
    from transforms.returns.assembling import typed_table
    from transforms.returns.reading import read_chunks

    kept: dict[str, list[Any]] = {}
    with Path(path).open("rb") as stream:
        entry, chunks = read_chunks(stream)
        for table, text in chunks:
            kept.setdefault(table, []).append(typed_table(entry.table(table), text, _YEAR)[0])
    sys.stdout.write(" ".join(f"{table}={sum(len(frame) for frame in frames)}" for table, frames in kept.items()))


def measure(megabytes: int) -> dict[str, Any]:
    """Make a census and read it; return processor seconds, peak memory and what was read."""
    with tempfile.TemporaryDirectory(prefix="safeguarding-bench-") as root:
        path = Path(root) / "census.xml"
        children = make_census(path, megabytes)
        size = path.stat().st_size
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _READ, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )
        output = process.stdout.read().decode() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("reading a census: found that it failed, expected tables")
    return {
        "megabytes": round(size / 1e6, 1),
        "children": children,
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "rows": output,
    }


def limits(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Return what was measured, the figure, its limit and the unit."""
    size = found["megabytes"]
    return [
        ("census to typed tables", found["cpu_seconds"], 0.5 + 0.03 * size, "s"),
        # What the libraries take themselves, and the typed tables: 0.4 MB a megabyte of file.
        ("peak memory, tables kept", found["peak_mb"], 110 + 0.4 * size, "MB"),
    ]
