"""Truths laid out as graded reports: what stands on each page, in the order of the real layout.

Letters are in `letters.py`. Only the short fixed phrases by which a layout is known are
those of the inspectorates; everything else is made up.
"""

from __future__ import annotations

from collections.abc import Callable

from warehouse.samples.blocks import GAP, PAGE_BREAK, Block, bullet, field_line, grid, heading, numbered, para, title
from warehouse.samples.content import month_words, summary
from warehouse.samples.letters import LETTER_TITLES, LETTERS
from warehouse.samples.truth import SamplePerson, Style, Truth
from warehouse.samples.wording import crown, day_words, grade_clause, grade_number, grade_words, window


def blocks_of(truth: Truth, style: Style) -> list[Block]:
    """Lay a truth out in its layout.

    Raises:
        KeyError: the layout is not known here.
    """
    return {**_GRADED, **LETTERS}[truth.layout](truth, style)


def running_title(truth: Truth) -> str:
    """The title that stands at the head or foot of every page."""
    if truth.layout in LETTER_TITLES:
        return LETTER_TITLES[truth.layout].format(truth.authority.name)
    return _RUNNING[truth.layout].format(truth.authority.printed)


_SERVICES = "services for children in need of help and protection, children looked after and care leavers"
_REVIEW = "Review of the effectiveness of the Local Safeguarding Children Board"
_RUNNING = {
    "ilacs_2018": "{} Inspection of children’s social care services",
    "ilacs_2023": "Inspection of {} local authority children’s services",
    "ilacs_2026": "Inspection of {} local authority children’s services",
    "sif_2014": "{} inspection report",
    "sif_2016": "{} inspection report",
    "sif_reinspection": "{} re-inspection report",
    "lscb_review": "{} review of the Local Safeguarding Children Board",
    "targeted_2013": "{} Inspection of looked after children",
    "child_protection_2012": "{} Inspection of local authority arrangements for the protection of children",
    "slac_2010": "{} Inspection of safeguarding and looked after children",
}


def _ilacs(truth: Truth, style: Style) -> list[Block]:
    lead = next(p for p in truth.people if p.role == "lead_inspector")
    inspector = f"{crown(truth)} Inspector"
    if truth.layout == "ilacs_2018":
        front = [title(truth.authority.printed), title("Inspection of children’s social care services")]
        who = [field_line("Lead inspector:", lead.name), para(inspector)]
    else:
        front = [title(f"Inspection of {truth.authority.printed} local authority children’s services")]
        who = [field_line("Lead inspector:", f"{lead.name}, {inspector}")]
    table: list[tuple[str, ...]] = [("Judgement", "Grade")]
    table += [(j.label, grade_words(j.grade_code, style, long=True)) for j in truth.judgements]
    blocks = [*front, field_line("Inspection dates:", window(truth, style)), *who, grid(table, 0.58)]
    blocks += [para(summary(truth)), PAGE_BREAK]
    blocks += [heading(truth.recommendations[0].heading), *(bullet(r.text) for r in truth.recommendations)]
    by_label = {j.label: j.grade_code for j in truth.judgements}
    number = 0
    for label, paragraphs in truth.sections:
        blocks.append(heading(f"{label}: {grade_words(by_label[label], Style(), long=True).lower()}"))
        for text in paragraphs:
            number += 1
            blocks.append(numbered(str(number), text))
    return [*blocks, *_imprint(truth)]


def _sif(truth: Truth, style: Style) -> list[Block]:
    early = truth.layout == "sif_2014"
    again = truth.layout == "sif_reinspection"
    name = truth.authority.name
    front = [title(truth.authority.printed), title(f"{'Re-inspection' if again else 'Inspection'} of {_SERVICES}")]
    if not again:
        front += [para("and"), title(_REVIEW, mark="1" if style.footnote_mark else "")]
    front.append(field_line("Inspection date:", window(truth, style)))
    front.append(field_line("Report published:", day_words(truth.published)))
    overall = truth.grade("overall")
    words = grade_words(overall, Style()).lower()
    if early:
        front.append(para(f"The overall judgement is {words}.", bold=True))
        front.append(grid(_sif_rows(truth, style)))
        front.append(para("The effectiveness of the Local Safeguarding Children Board (LSCB) "
                          f"{_is(truth.grade('lscb'))}.", bold=True))  # fmt: skip
    else:
        sentence = f"Children’s services in {name} {grade_clause(overall, plural=True)}"
        front.append(grid([(sentence,), *_sif_rows(truth, style)]))
    if style.footnote_mark and not again:
        front.append(Block("footnote", "This report combines two inspections under one cover.", label="1"))
    body = [PAGE_BREAK, heading("Executive summary"), para(summary(truth)), PAGE_BREAK]
    body += _sif_area_information(truth)
    body += _sif_recommendations(truth)
    body += _sif_sections(truth, style)
    return [*front, *body, *_sif_team(truth.people), *_imprint(truth)]


def _is(code: str) -> str:
    return "requires improvement" if code == "requires_improvement" else f"is {code}"


def _sif_rows(truth: Truth, style: Style) -> list[tuple[str, ...]]:
    numbers = {
        "help_and_protection": "1.", "children_in_care": "2.", "adoption": "2.1",
        "care_leavers": "2.2", "leadership": "3.",
    }  # fmt: skip
    return [
        (f"{numbers[j.area_code]} {j.label}", grade_words(j.grade_code, style))
        for j in truth.judgements
        if j.area_code in numbers
    ]


def _sif_area_information(truth: Truth) -> list[Block]:
    blocks = [heading("Information about this local authority area"), heading("Previous Ofsted inspections", 2)]
    if truth.layout == "sif_reinspection":
        month = month_words(truth.previous[0].month)
        blocks.append(bullet(f"The last inspection report for the local authority’s children’s services was "
                             f"published in {month}. The judgements for the local authority were:"))  # fmt: skip
        names = {"help_and_protection": "Children who need help and protection",
                 "children_in_care": "Children looked after and achieving permanence"}  # fmt: skip
        blocks += [bullet(f"{names[p.conformed_area_code]}: {p.grade_code.replace('_', ' ')}") for p in truth.previous]
    else:
        for earlier in truth.previous:
            blocks.append(
                bullet(
                    f"The previous inspection of the local authority’s {earlier.what} was in "
                    f"{month_words(earlier.month)}. The local authority was judged to be {earlier.grade_code}."
                )
            )
    blocks.append(heading("Local leadership", 2))
    blocks.append(bullet(f"The director of children’s services has been in post since June {truth.start.year - 2}."))
    heading_above = None
    for figure in truth.figures:
        if figure.heading != heading_above:
            heading_above = figure.heading
            blocks.append(heading(figure.heading, 2))
        blocks.append(bullet(figure.sentence))
    return blocks


def _sif_recommendations(truth: Truth) -> list[Block]:
    blocks: list[Block] = []
    if truth.layout == "sif_2014":
        blocks.append(heading("What does the local authority need to improve?"))
    current = None
    for item in truth.recommendations:
        if item.heading != current:
            current = item.heading
            blocks.append(heading(current, 2))
        if item.number:
            word = "paragraph" if len(item.paragraphs) == 1 else "paragraphs"
            blocks.append(numbered(item.number, f"{item.text} ({word} {', '.join(item.paragraphs)})."))
        else:
            blocks.append(bullet(f"{item.text}."))
    return blocks


def _numbered_recommendations(truth: Truth) -> int:
    """How many numbers the recommendations take up: those of the paragraphs follow them."""
    return sum(1 for item in truth.recommendations if item.number)


def _sif_sections(truth: Truth, style: Style) -> list[Block]:
    blocks: list[Block] = []
    number = _numbered_recommendations(truth)
    codes = ("help_and_protection", "children_in_care", "leadership", "lscb")
    for (label, paragraphs), code in zip(truth.sections, codes, strict=False):
        if code == "lscb":
            blocks.append(heading(label))
            blocks.append(heading(f"The Local Safeguarding Children Board {grade_clause(truth.grade('lscb'), False)}"))
        else:
            if truth.layout == "sif_2014":
                blocks.append(grid([("Key judgement", "Judgement grade")], 0.62))
            long = truth.layout != "sif_2014"
            blocks.append(grid([(label, grade_words(truth.grade(code), style, long=long))], 0.62))
            blocks.append(para("Summary", bold=True))
        for text in paragraphs:
            number += 1
            blocks.append(numbered(str(number), text))
        if code == "children_in_care":
            for sub, words in (
                ("adoption", "for adoption performance"),
                ("care_leavers", "about the experience and progress of care leavers"),
            ):
                it = grade_words(truth.grade(sub), Style()).lower()
                it = "it requires improvement" if it == "requires improvement" else f"it is {it}"
                blocks.append(heading(f"The graded judgement {words} is that {it}", 2))
                number += 1
                blocks.append(numbered(str(number), paragraphs[0]))
    return blocks


def _sif_team(people: tuple[SamplePerson, ...]) -> list[Block]:
    by_role: dict[str, list[str]] = {}
    for person in people:
        by_role.setdefault(person.role, []).append(person.name)
    return [
        heading("Information about this inspection"),
        heading("The inspection team", 2),
        para(f"Lead inspector: {by_role['lead_inspector'][0]}"),
        para(f"Deputy lead inspector: {by_role['deputy_lead_inspector'][0]}"),
        para(f"Team inspectors: {', '.join(by_role['inspector'])}"),
    ]


def _lscb_review(truth: Truth, style: Style) -> list[Block]:
    name = truth.authority.name
    return [
        title(truth.authority.printed),
        title(_REVIEW, mark="1" if style.footnote_mark else ""),
        field_line("Inspection date:", window(truth, style)),
        field_line("Report published:", day_words(truth.published)),
        para(f"The Local Safeguarding Children Board {grade_clause(truth.grade('lscb'), False)}", bold=True),
        heading("Executive summary"),
        para(f"The board in {name} meets often. Its members ask good questions of each other."),
        heading("Recommendations"),
        *_sif_recommendations(truth)[1:],
        *(
            block
            for label, texts in truth.sections
            for block in (heading(label), *_numbered_from(_numbered_recommendations(truth) + 1, texts))
        ),
        *_sif_team(truth.people),
        *_imprint(truth),
    ]


def _numbered_from(first: int, texts: tuple[str, ...]) -> list[Block]:
    return [numbered(str(first + n), text) for n, text in enumerate(texts)]


_OLD_TITLES = {
    "targeted_2013": "Inspection of looked after children services",
    "child_protection_2012": "Inspection of local authority arrangements for the protection of children",
    "slac_2010": "Inspection of safeguarding and looked after children services",
}


def _old_report(truth: Truth, style: Style) -> list[Block]:
    """The typography of 2009 to 2013: cover, scale of grades, graded headings, record of main findings."""
    who = "Lead inspector" if truth.layout == "child_protection_2012" else "Reporting inspector"
    blocks = [
        title(_OLD_TITLES[truth.layout]),
        para(truth.authority.printed),
        GAP,
        field_line("Inspection dates:", window(truth, style)),
        field_line(who, f"{truth.lead_inspector} HMI"),
        GAP,
        field_line("Age group:", "All"),
        field_line("Published:", day_words(truth.published)),
        PAGE_BREAK,
        heading("About this inspection"),
        numbered("1", "The inspection team consisted of four of Her Majesty’s Inspectors."),
        heading("The inspection judgements and what they mean"),
        numbered("2", "All inspection judgements are made using the following four point scale."),
        grid(
            [
                ("Outstanding (Grade 1)", "A service that significantly exceeds minimum requirements"),
                ("Good (Grade 2)", "A service that exceeds minimum requirements"),
                ("Adequate (Grade 3)", "A service that only meets minimum requirements"),
                ("Inadequate (Grade 4)", "A service that does not meet minimum requirements"),
            ],
            0.35,
        ),
        PAGE_BREAK,
    ]
    return [*blocks, *_old_body(truth, style), *_old_record(truth, style), *_imprint(truth)]


_OLD_GROUPS = {
    "safeguarding_overall_effectiveness": "Safeguarding services",
    "looked_after_overall_effectiveness": "Services for looked after children",
}
_OLD_SENTENCES = {
    "safeguarding_overall_effectiveness": "The overall effectiveness of safeguarding services in {} is {}.",
    "looked_after_overall_effectiveness": "The overall effectiveness of services for looked after children "
    "in {} is {}.",
    "overall_effectiveness": "The overall effectiveness of the arrangements to protect children in {} is judged "
    "to be {}.",
    "overall": "The judgement for overall effectiveness in {} is {}.",
}


def _old_body(truth: Truth, style: Style) -> list[Block]:
    blocks: list[Block] = []
    number = 2
    for index, judgement in enumerate(truth.judgements):
        if judgement.area_code in _OLD_GROUPS:
            blocks.append(heading(_OLD_GROUPS[judgement.area_code]))
        words = grade_words(judgement.grade_code, Style())
        blocks.append(heading(judgement.label))
        blocks.append(para(f"Grade {grade_number(judgement.grade_code)} ({words})", bold=True))
        if judgement.area_code in _OLD_SENTENCES:
            number += 1
            sentence = _OLD_SENTENCES[judgement.area_code].format(truth.authority.name, words.lower())
            blocks.append(numbered(str(number), sentence))
        for text in truth.sections[index][1]:
            number += 1
            blocks.append(numbered(str(number), text))
        if index == 0:
            blocks += [heading("Areas for improvement", 2)]
            number += 1
            blocks.append(
                numbered(str(number), "The local authority and its partners should take the following action:")
            )
            blocks += [para("Within three months:", bold=True), *(bullet(r.text) for r in truth.recommendations)]
    return blocks


def _old_record(truth: Truth, style: Style) -> list[Block]:
    rows: list[tuple[str, ...]] = []
    group = {"targeted_2013": "Services for looked after children"}.get(
        truth.layout, "Local authority arrangements for the protection of children"
    )
    if truth.layout != "slac_2010":
        rows.append((group,))
    for judgement in truth.judgements:
        if judgement.area_code in _OLD_GROUPS:
            rows.append((_OLD_GROUPS[judgement.area_code],))
        words = grade_words(judgement.grade_code, style)
        if truth.layout == "targeted_2013":
            words = f"{words} Grade {grade_number(judgement.grade_code)}"
        rows.append((judgement.label, words))
    return [PAGE_BREAK, heading("Record of main findings"), grid(rows)]


def _imprint(truth: Truth) -> list[Block]:
    return [
        PAGE_BREAK,
        para(
            f"This document was generated for demonstration and tests. {truth.authority.name} does not exist and "
            "was never inspected."
        ),
    ]


_GRADED: dict[str, Callable[[Truth, Style], list[Block]]] = {
    "ilacs_2018": _ilacs,
    "ilacs_2023": _ilacs,
    "ilacs_2026": _ilacs,
    "sif_2014": _sif,
    "sif_2016": _sif,
    "sif_reinspection": _sif,
    "lscb_review": _lscb_review,
    "targeted_2013": _old_report,
    "child_protection_2012": _old_report,
    "slac_2010": _old_report,
}
