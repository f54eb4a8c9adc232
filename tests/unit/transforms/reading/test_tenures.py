"""Since when directors and chairs have held office, and whose statements are not theirs."""

from datetime import date

import pytest

from tests.damage import damage, text_document
from transforms.reading.tenures import read_tenures
from transforms.reading.tidy import Text, tidy

BODY = [f"Leaders know their services and the help that children get, part {n} of it." for n in range(12)]
DCS, CHAIR = "director_of_childrens_services", "lscb_chair"


def text(*lines: str) -> Text:
    return tidy(text_document("\n".join(lines)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "The director of children\u2019s services (DCS) has been in post since March 2014.",
            (DCS, date(2014, 3, 1), "month", False),
        ),
        ("The DCS has been in post since 1 September 2014.", (DCS, date(2014, 9, 1), "day", False)),
        (
            "The Interim Director of Children\u2019s Services has been in post since 2013.",
            (DCS, date(2013, 1, 1), "year", True),
        ),
        ("The acting DCS has been in post since May 2015 and is settled.", (DCS, date(2015, 5, 1), "month", True)),
        (
            "The Director of Children\u2019s Services has been in post since July 2013, at first in an interim role.",
            (DCS, date(2013, 7, 1), "month", None),
        ),
        ("A new director of children's services was appointed in May 2017.", (DCS, date(2017, 5, 1), "month", False)),
        ("The DCS took up post in February 2023, and staff are glad.", (DCS, date(2023, 2, 1), "month", False)),
        (
            "The Director of Education and Children's Services has been in post since May 2011.",
            (DCS, date(2011, 5, 1), "month", False),
        ),
        ("The chair of the LSCB has been in post since June 2010.", (CHAIR, date(2010, 6, 1), "month", False)),
        (
            "The chair of the Local Safeguarding Children Board (LSCB) has been in post since June 2010.",
            (CHAIR, date(2010, 6, 1), "month", False),
        ),
        ("The interim chair of the BSCB has been in post since 2011.", (CHAIR, date(2011, 1, 1), "year", True)),
        ("The chief executive has been in post since March 2014.", None),
        ("The assistant director of children's services has been in post since March 2014.", None),
        ("The previous DCS was appointed in May 2017.", None),
        ("The chair of the LSCB, who had been in post since May 2009, left in June 2014.", None),
        ("A new head of service was appointed by the DCS in May 2017.", None),
        ("A new director of children's services has been appointed.", None),
    ],
)
def test_a_statement_gives_office_day_and_whether_interim(
    line: str, expected: tuple[str, date, str, bool | None] | None
) -> None:
    found = [
        (t.office, t.since, t.since_precision, t.is_interim) for t in read_tenures(text(*BODY, f"\u2022 {line}", *BODY))
    ]
    assert found == ([expected] if expected else [])


def test_a_statement_over_two_lines_among_others() -> None:
    lines = [
        "Local leadership",
        "\u2022 The DCS has been in post since September",
        "2012. The DCS is also responsible for adult services.",
        "\u2022 The chief executive has been in post since June 2009.",
        "\u2022 The chair of the Local Safeguarding Children Board has been in post since March",
        "2013.",
        "Children living in this area",
    ]
    found = read_tenures(text(*BODY, *lines))
    assert [(t.office, t.since) for t in found] == [(DCS, date(2012, 9, 1)), (CHAIR, date(2013, 3, 1))]
    assert found[0].statement == "The DCS has been in post since September 2012"


def test_a_lost_line_leaves_no_date_and_borrows_none() -> None:
    lines = [
        *BODY,
        "\u2022 The chair of the LSCB has been in post since March",
        "2013.",
        "Children living in this area",
        "\u2022 Approximately 66,157 children lived here in May 2014.",
        *BODY,
    ]
    found = read_tenures(text(*damage("\n".join(lines)).split("\n")))
    assert [(t.office, t.since, t.since_precision) for t in found] == [(CHAIR, None, None)]
    assert found[0].statement == "The chair of the LSCB has been in post since"
