"""Truths laid out as letters and as area SEND reports: no grid of grades; an outcome sentence or none."""

from __future__ import annotations

from collections.abc import Callable

from warehouse.samples.blocks import PAGE_BREAK, Block, bullet, field_line, grid, heading, pair, para, title
from warehouse.samples.content import summary
from warehouse.samples.truth import Style, Truth
from warehouse.samples.wording import crown, day_words, window

LETTER_TITLES = {
    "focused_visit": "Focused visit to {} children’s services",
    "monitoring_visit": "Monitoring visit to {} children’s services",
    "jtai": "Joint targeted area inspection of the multi-agency response to neglect in {}",
    "area_send": "Area SEND inspection report: {} Local Area Partnership",
    "send_letter": "Joint local area SEND inspection in {}",
}


def _letter_head(truth: Truth, addressee: str) -> list[Block]:
    place = truth.authority
    return [
        para(day_words(truth.published)),
        para(addressee),
        para("Director of Children’s Services"),
        para(place.printed),
        para("1 Imaginary Square"),
        para(place.name),
        para(f"Dear {addressee}"),
        heading(LETTER_TITLES[truth.layout].format(place.name)),
    ]


def _visit_days(truth: Truth, style: Style) -> str:
    start, end = truth.start, truth.end
    if start == end:
        return day_words(start)
    if (end - start).days == 1 and start.month == end.month:
        return f"{start.day} and {day_words(end)}"
    return window(truth, style)


def _focused_visit(truth: Truth, style: Style) -> list[Block]:
    names = " and ".join(p.name for p in truth.people)
    verb = "Inspectors for this visit were" if len(truth.people) > 1 else "Inspector for this visit was"
    blocks = _letter_head(truth, "Morgan Thistlewood")
    blocks += [
        para(
            f"This letter summarises the findings of the focused visit to {truth.authority.name} children’s services "
            f"on {_visit_days(truth, style)}. {crown(truth)} {verb} {names}."
        ),
        para(f"Inspectors looked at the local authority’s arrangements for {truth.topic}."),
        para(
            "This visit was carried out in line with the inspection of local authority children’s services "
            "(ILACS) framework."
        ),
        heading("Headline findings"),
        para(summary(truth)),
    ]
    current = None
    for item in sorted(truth.recommendations, key=lambda r: r.kind != "priority_action"):
        if item.heading != current:
            current = item.heading
            blocks.append(heading(current))
        blocks.append(bullet(item.text))
    for label, paragraphs in truth.sections:
        blocks += [heading(label), *(para(text) for text in paragraphs)]
    blocks.append(para("Ofsted will take the findings from this visit into account when planning the next one."))
    return [*blocks, *_signed(truth)]


def _monitoring_visit(truth: Truth, style: Style) -> list[Block]:
    blocks = _letter_head(truth, "Morgan Thistlewood")
    blocks += [
        para(
            f"This letter summarises the findings of the monitoring visit to {truth.authority.name} children’s "
            f"services on {_visit_days(truth, style)}. This was the second monitoring visit since the local "
            f"authority was judged inadequate in March {truth.start.year - 1}. {crown(truth)} Inspector for this "
            f"visit was {truth.lead_inspector}."
        ),
        heading("Areas covered by the visit"),
        para("Inspectors reviewed the progress made in the following area of concern identified at the last visit:"),
        bullet(truth.topic),
        para(
            "This visit was carried out in line with the inspection of local authority children’s services "
            "(ILACS) framework."
        ),
        heading("Headline findings"),
        para(summary(truth)),
    ]
    for label, paragraphs in truth.sections:
        blocks += [heading(label), *(para(text) for text in paragraphs)]
    blocks.append(para("I am copying this letter to the Department for Education."))
    return [*blocks, *_signed(truth)]


def _signed(truth: Truth) -> list[Block]:
    return [para("Yours sincerely"), para(str(truth.lead_inspector)), para(f"{crown(truth)} Inspector")]


def _jtai(truth: Truth, style: Style) -> list[Block]:
    place = truth.authority.name
    blocks = [
        para(day_words(truth.published)),
        para(f"To: {truth.authority.printed}"),
        para(f"{place} Integrated Care Board"),
        para(f"{place} Police and Crime Commissioner"),
        para(f"Chief Constable of {place} Police Force"),
        para("Dear local partnership"),
        heading(LETTER_TITLES["jtai"].format(place)),
        para(
            f"This letter summarises the findings of the joint targeted area inspection (JTAI) of the multi-agency "
            f"response to neglect in {place}. This inspection took place from {window(truth, style)}. It was carried "
            f"out by inspectors from Ofsted, the Care Quality Commission (CQC) and {crown(truth)} Inspectorate of "
            "Constabulary and Fire & Rescue Services (HMICFRS)."
        ),
        heading("Headline findings"),
        para(summary(truth)),
        heading("Areas for improvement"),
        *(bullet(r.text) for r in truth.recommendations),
    ]
    for label, paragraphs in truth.sections:
        blocks += [heading(label), *(bullet(text) for text in paragraphs)]
    blocks += [
        heading("Next steps"),
        para(
            f"We have determined that {truth.authority.printed} is the principal authority and should prepare a "
            "written statement of proposed action responding to the findings outlined in this letter."
        ),
        para("Yours sincerely"),
        pair(["Ofsted", "Robin Underwick"], ["Care Quality Commission", "Sandy Overbeck"]),
    ]
    return blocks


OUTCOMES = {
    "typically_positive": (
        "The local area partnership’s special educational needs and/or disabilities (SEND) arrangements typically "
        "lead to positive experiences and outcomes for children and young people with SEND. The local area "
        "partnership is taking action where improvements are needed.",
        "The next full area SEND inspection will be within approximately five years.",
    ),
    "inconsistent": (
        "The local area partnership’s arrangements lead to inconsistent experiences and outcomes for children and "
        "young people with special educational needs and/or disabilities (SEND). The local area partnership must "
        "work jointly to make improvements.",
        "The next full area SEND inspection will be within approximately three years.",
    ),
    "widespread_systemic_failings": (
        "There are widespread and/or systemic failings leading to significant concerns about the experiences and "
        "outcomes of children and young people with special educational needs and/or disabilities (SEND), which the "
        "local area partnership must address urgently.",
        "A monitoring inspection will be carried out within approximately 18 months. The next full reinspection will "
        "be within approximately three years. As a result of this inspection, HMCI requires the local area "
        "partnership to prepare and submit a priority action plan (area SEND) to address the identified areas for "
        "priority action.",
    ),
}


def _area_send(truth: Truth, style: Style) -> list[Block]:
    place = truth.authority.name
    outcome, follow_up = OUTCOMES[truth.grade("send")]
    blocks = [
        para("Local area partnership report"),
        title(f"Area SEND inspection of {place} Local Area Partnership"),
        field_line("Inspection dates:", window(truth, style)),
        field_line("Dates of previous inspection:", f"11 to 15 May {truth.start.year - 5}"),
        heading("Inspection outcome"),
        para(outcome),
        para(follow_up),
        heading("Information about the local area partnership"),
        para(
            f"{truth.authority.printed} and NHS {place} Integrated Care Board (ICB) are jointly responsible for the "
            f"planning and commissioning of services for children and young people with SEND in {place}."
        ),
        PAGE_BREAK,
    ]
    for label, paragraphs in truth.sections:
        texts = [bullet(t) for t in paragraphs] if "area partnership" in label else [para(t) for t in paragraphs]
        blocks += [heading(label), *texts]
    rows: list[tuple[str, ...]] = [("Areas for improvement",)]
    blocks += [heading("Areas for improvement"), grid([*rows, *((f"{r.text}.",) for r in truth.recommendations)])]
    return [*blocks, PAGE_BREAK, *_area_send_end(truth)]


def _area_send_end(truth: Truth) -> list[Block]:
    place = truth.authority.name
    bodies: dict[str, list[str]] = {"Ofsted": ["Ofsted"], "Care Quality Commission": ["Care Quality Commission"]}
    for person in truth.people:
        short = "Ofsted HMI" if person.organisation == "Ofsted" else "CQC"
        words = {"lead_inspector": " Lead inspector"}.get(person.role, "" if short == "Ofsted HMI" else " inspector")
        bodies[str(person.organisation)].append(f"{person.name}, {short}{words}")
    return [
        heading("Local area partnership details"),
        grid(
            [
                ("Local authority", "Integrated care board"),
                (truth.authority.printed, f"NHS {place} Integrated Care Board"),
                ("Morgan Thistlewood, Director of Children’s Services", "Sandy Overbeck, Chief Executive Officer"),
            ],
            0.5,
        ),
        heading("Information about this inspection"),
        para(
            "This inspection was carried out at the request of the Secretary of State for Education under section "
            "20(1)(a) of the Children Act 2004."
        ),
        heading("Inspection team", 2),
        pair(bodies["Ofsted"], bodies["Care Quality Commission"]),
    ]


def _send_letter(truth: Truth, style: Style) -> list[Block]:
    place = truth.authority.name
    required = truth.grade("send") == "written_statement_of_action_required"
    blocks = _letter_head(truth, "Morgan Thistlewood")
    blocks += [
        para(
            f"Between {day_words(truth.start)} and {day_words(truth.end)}, Ofsted and the Care Quality Commission "
            f"(CQC) conducted a joint inspection of the local area of {place} to judge the effectiveness of the area "
            "in implementing the disability and special educational needs reforms as set out in the Children and "
            "Families Act 2014."
        ),
        para(f"The inspection was led by one of {crown(truth)} Inspectors from Ofsted, with a team of inspectors."),
    ]
    if required:
        blocks.append(
            para(
                "As a result of the findings of this inspection and in accordance with the Children Act 2004 (Joint "
                f"Area Reviews) Regulations 2015, {crown(truth)} Chief Inspector (HMCI) has determined that a Written "
                "Statement of Action is required because of significant areas of weakness in the local area’s practice."
            )
        )
    blocks += [
        para("This letter outlines our findings from the inspection, including some areas of strength and areas for "
             "further improvement."),
        heading("Main findings"),
        bullet(summary(truth)),
    ]  # fmt: skip
    for label, paragraphs in truth.sections:
        blocks += [heading(label), heading("Strengths", 2), bullet(paragraphs[0])]
        blocks += [heading("Areas for development", 2), *(bullet(t) for t in paragraphs[1:])]
    if required:
        blocks += [
            heading("The inspection raises significant concerns about the effectiveness of the local area", 2),
            para(
                "The local area is required to produce and submit a Written Statement of Action to Ofsted that "
                "explains how it will tackle the following areas of significant weakness:"
            ),
            bullet("the time that families wait for a plan"),
        ]
    return [
        *blocks,
        para("Yours sincerely"),
        pair(
            ["Ofsted", "Robin Underwick", "Regional Director", str(truth.lead_inspector), "HMI Lead Inspector"],
            ["Care Quality Commission", "Sandy Overbeck", "Deputy Chief Inspector", "Alex Penhallow", "CQC Inspector"],
        ),
    ]


LETTERS: dict[str, Callable[[Truth, Style], list[Block]]] = {
    "focused_visit": _focused_visit,
    "monitoring_visit": _monitoring_visit,
    "jtai": _jtai,
    "area_send": _area_send,
    "send_letter": _send_letter,
}
