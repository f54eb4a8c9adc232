"""Children's social work workforce census: one XML file a year, as at 30 September.

Source: Department for Education, children's social work workforce census, XML schema of 2022.
"""

from __future__ import annotations

from datetime import date

from transforms.returns.entry import Block, Return, XmlForm
from transforms.returns.specification import tables_of


def _period(year: int) -> tuple[date, date]:
    return date(year - 1, 10, 1), date(year, 9, 30)


_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Header": ((), ("ReferenceDate",)),
    "LALevelVacancies": ((), ("NumberOfVacancies",)),
    "CSWWWorker": (("SWENo",), ("SWENo", "AgencyWorker")),
}

RETURNS = (
    Return(
        "csww",
        "Children's social work workforce census",
        tables_of("csww", _TABLES),
        _period,
        child_columns=(),
        xml=XmlForm(
            root=("Message",),
            collection="CSWW",
            records=(
                Block("Header", "Header", blocks=(Block("CollectionDetails"), Block("Source"))),
                Block("LALevelVacancies", "LALevelVacancies"),
                Block("CSWWWorker", "CSWWWorker"),
            ),
        ),
    ),
)
