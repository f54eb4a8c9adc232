"""The words of made-up reports: authorities, people, findings, and the drawing of a truth from a seed.

All prose here was written for this project. Places, people and bodies are invented.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files

from warehouse.samples.truth import (
    SampleAuthority,
    SampleFigure,
    SampleJudgement,
    SamplePerson,
    SamplePrevious,
    SampleRecommendation,
    Truth,
)

_FIRST = (
    "Ada", "Benedict", "Caro", "Dilys", "Edmund", "Farida", "Gwen", "Hollis", "Imogen", "Joss",
    "Keziah", "Lorcan", "Mabel", "Nuala", "Orla", "Piers", "Rowena", "Silas", "Tamsin", "Wilf",
)  # fmt: skip
_LAST = (
    "Appleyard", "Birtwhistle", "Cragg", "Dunmore", "Entwistle", "Fothergill", "Garrow-Finch",
    "Hebblewhite", "Inskip", "Jellicoe", "Kettlewell", "Longstaff", "Murgatroyd", "Nettleship",
    "O'Meara", "Postlethwaite", "Quarmby", "Ravenscroft", "Smallbone", "Tunnicliffe-Shaw",
)  # fmt: skip

FOUR_POINT = ("outstanding", "good", "requires_improvement", "inadequate")
OLD_FOUR_POINT = ("outstanding", "good", "adequate", "inadequate")
SEND_OUTCOMES = ("typically_positive", "inconsistent", "widespread_systemic_failings")
SEND_STATEMENT = ("written_statement_of_action_required", "written_statement_of_action_not_required")

# One sentence each; `{place}` is the authority. None of them grades a judged area, though
# some speak of grades of other things, as real reports do.
_FINDINGS = (
    "Social workers in {place} know the children they work with and can say what has changed for them.",
    "Most assessments draw on what relatives and teachers have noticed, and say plainly what should happen next.",
    "Some plans list tasks without saying who will do them or by when.",
    "Team managers read case records every month and leave short notes that workers find useful.",
    "Partners share what they know at the first meeting, so families tell their story once.",
    "The out-of-hours team hands over well each morning and few matters are left waiting.",
    "Visits to children are regular, although the purpose of a visit is not always written down.",
    "Advocates are offered early and young people said that this had made a difference to them.",
    "A small number of children waited too long for a decision about where they would live.",
    "Foster carers described steady support, with someone to call at weekends.",
    "Health checks happen on time for nearly all children who come into care.",
    "The virtual school keeps a close eye on attendance and steps in when it falls.",
    "Personal advisers stay in touch with young adults, including those who have moved a long way away.",
    "Leaders read the data that they collect, and ask for more where it does not answer their question.",
    "Elected members visit teams and listen to young people before they set the budget.",
    "Caseloads have come down since last spring and newly qualified staff are well looked after.",
    "The council runs one children’s home, which was judged to be good at its latest visit.",
    "Records for disabled children tell less about their wishes than records for others.",
    "When children go missing, someone they trust speaks to them soon after they return.",
    "Letterbox contact is arranged with care, and adopters know whom to ask for help.",
)
_WHEN = (
    "Over the past year", "Since the spring", "For most families", "At each visit", "From the first day",
    "By all accounts", "Week by week", "As a rule", "In recent months", "When staff change",
    "More often than not", "As records show", "Early on", "Throughout the summer", "Once a plan is agreed",
)  # fmt: skip
_WHERE = (
    "in the northern villages", "in the port", "in every team met", "across the borough", "along the coast",
    "in the two larger towns", "on the estates", "in the valley schools", "at the front desk", "in the new hubs",
    "out of hours", "for older children", "for brothers and sisters", "for newly arrived families",
)  # fmt: skip
_SUMMARIES = (
    "Work with families in {place} has moved on since inspectors were last here. "
    "Leaders know what is strong and what is not, and have a plan that staff recognise.",
    "Children in {place} mostly meet the right worker at the right time. "
    "Where this is not so, leaders had already found it out for themselves.",
    "Change in {place} has been slow, and staff turnover has made it slower. "
    "A new team of leaders has begun to put the basics in place.",
)
_ACTIONS = (
    "the way in which managers check that agreed actions have been carried out",
    "the quality of plans, so that families can see what will change and by when",
    "how soon children who return from going missing are offered a conversation",
    "the written record of the reasons for decisions about where children live",
    "the use that is made of advocates for younger children",
    "the advice and practical help given to young adults who live out of the area",
    "the sharing of health information between the midwifery service and social workers",
    "the time that children wait for a lasting home",
)
_TOPICS = (
    "children in need and children subject to a protection plan",
    "the front door service, where referrals are received",
    "planning for permanence",
    "children living with disabilities",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout that can be drawn: framework, type, years and areas `(code, conformed, label)`."""

    name: str
    framework_code: str
    inspection_type: str
    first: date
    last: date
    days: tuple[int, ...]
    areas: tuple[tuple[str, str | None, str], ...] = ()
    grades: tuple[str, ...] = FOUR_POINT
    prints_published: bool = False
    kinds: tuple[str, ...] = ("area_for_improvement",)


_SIF_AREAS = (
    ("overall", "overall", "Overall effectiveness"),
    ("help_and_protection", "help_and_protection", "Children who need help and protection"),
    ("children_in_care", "children_in_care", "Children looked after and achieving permanence"),
    ("adoption", "adoption", "Adoption performance"),
    ("care_leavers", "care_leavers", "Experiences and progress of care leavers"),
    ("leadership", "leadership", "Leadership, management and governance"),
)
_LSCB = (("lscb", "lscb", "Local Safeguarding Children Board"),)
_ILACS_FIRST = (
    ("leadership", "leadership", "The impact of leaders on social work practice with children and families"),
    (
        "help_and_protection",
        "help_and_protection",
        "The experiences and progress of children who need help and protection",
    ),
)
_ILACS_JOINT = (
    (
        "children_in_care_and_care_leavers",
        "children_in_care",
        "The experiences and progress of children in care and care leavers",
    ),
)
_ILACS_APART = (
    ("children_in_care", "children_in_care", "The experiences and progress of children in care"),
    ("care_leavers", "care_leavers", "The experiences and progress of care leavers"),
)
_OVERALL = (("overall", "overall", "Overall effectiveness"),)
_TARGETED = (
    ("overall", "overall", "Overall effectiveness"),
    ("capacity_to_improve", None, "Capacity to improve"),
    ("outcomes", None, "Outcomes for looked after children and young people"),
    ("quality_of_provision", None, "Quality of provision"),
    ("leadership", "leadership", "Leadership and management"),
)
_PROTECTION = (
    ("overall_effectiveness", "help_and_protection", "Overall effectiveness"),
    (
        "effectiveness_of_help_and_protection",
        None,
        "The effectiveness of the help and protection provided to children, young people, families and carers",
    ),
    ("quality_of_practice", None, "The quality of practice"),
    ("leadership_and_governance", "leadership", "Leadership and governance"),
)
_SLAC = (
    ("safeguarding_overall_effectiveness", "safeguarding", "Overall effectiveness"),
    ("safeguarding_capacity_for_improvement", None, "Capacity for improvement"),
    ("safeguarding_safe_and_feel_safe", None, "Children and young people are safe and feel safe"),
    ("safeguarding_quality_of_provision", None, "Quality of provision"),
    ("safeguarding_ambition_and_prioritisation", None, "Ambition and prioritisation"),
    ("looked_after_overall_effectiveness", "children_in_care", "Overall effectiveness"),
    ("looked_after_capacity_for_improvement", None, "Capacity for improvement"),
    ("looked_after_being_healthy", None, "Being healthy"),
    ("looked_after_staying_safe", None, "Staying safe"),
    ("looked_after_enjoying_and_achieving", None, "Enjoying and achieving"),
)

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "ilacs_2018", "ilacs", "standard", date(2018, 2, 1), date(2022, 12, 1), (11, 4),
            (*_ILACS_FIRST, *_ILACS_JOINT, *_OVERALL),
        ),
        Layout(
            "ilacs_2023", "ilacs", "standard", date(2023, 1, 9), date(2025, 11, 1), (11, 4),
            (*_ILACS_FIRST, *_ILACS_APART, *_OVERALL),
        ),
        Layout(
            "ilacs_2026", "ilacs", "standard", date(2026, 4, 13), date(2026, 9, 1), (11, 4),
            (*_ILACS_FIRST, *_ILACS_APART),
        ),
        Layout(
            "sif_2014", "sif", "single_inspection", date(2014, 1, 6), date(2014, 7, 1), (22,),
            (*_SIF_AREAS, *_LSCB), prints_published=True, kinds=("area_for_improvement", "priority_action"),
        ),
        Layout(
            "sif_2016", "sif", "single_inspection", date(2015, 9, 1), date(2017, 10, 1), (24,),
            (*_SIF_AREAS, *_LSCB), prints_published=True, kinds=("recommendation",),
        ),
        Layout(
            "sif_reinspection", "sif", "re_inspection", date(2016, 5, 1), date(2018, 1, 1), (24,),
            _SIF_AREAS, prints_published=True, kinds=("recommendation",),
        ),
        Layout(
            "lscb_review", "lscb", "lscb_review", date(2014, 3, 1), date(2017, 10, 1), (9,),
            _LSCB, prints_published=True, kinds=("recommendation",),
        ),
        Layout(
            "targeted_2013", "looked_after_2013", "targeted", date(2013, 6, 1), date(2013, 9, 1), (4,),
            _TARGETED, OLD_FOUR_POINT, prints_published=True,
        ),
        Layout(
            "child_protection_2012", "child_protection", "inspection", date(2012, 5, 1), date(2013, 6, 1), (9,),
            _PROTECTION, OLD_FOUR_POINT, prints_published=True,
        ),
        Layout(
            "slac_2010", "slac", "inspection", date(2009, 7, 1), date(2012, 6, 1), (11,),
            _SLAC, OLD_FOUR_POINT, prints_published=True,
        ),
        Layout(
            "focused_visit", "ilacs_visit", "focused_visit", date(2018, 3, 1), date(2025, 6, 1), (1,),
            kinds=("priority_action", "area_for_improvement"),
        ),
        Layout(
            "monitoring_visit", "ilacs_visit", "monitoring_visit", date(2018, 9, 1), date(2025, 6, 1), (1,), kinds=(),
        ),
        Layout("jtai", "jtai", "joint_inspection", date(2016, 2, 1), date(2025, 6, 1), (4,)),
        Layout(
            "area_send", "area_send", "full_inspection", date(2023, 2, 1), date(2025, 6, 1), (4,),
            (("send", "send", "Area SEND outcome"),), SEND_OUTCOMES,
        ),
        Layout(
            "send_letter", "send_letter", "joint_inspection", date(2016, 5, 1), date(2022, 6, 1), (4,),
            (("send", "send", "Written statement of action"),), SEND_STATEMENT, kinds=(),
        ),
    )
}  # fmt: skip

_MERGER = frozenset(("996", "997", "998"))  # two authorities that became one in 2019
_PREFIX = {
    "County council": "{} County Council",
    "Metropolitan district": "{} Metropolitan Borough Council",
    "Unitary authority": "{} Council",
    "London borough": "London Borough of {}",
}


@lru_cache(maxsize=1)
def sample_authorities() -> tuple[SampleAuthority, ...]:
    """The made-up authorities of `authorities.csv`, those that merged among them."""
    text = files("warehouse.samples").joinpath("authorities.csv").read_text(encoding="utf-8")
    return tuple(
        SampleAuthority(
            r["la_code"], r["gss_code"], r["name"], _PREFIX[r["authority_type"]].format(r["name"]), r["ofsted_urn"]
        )
        for r in csv.DictReader(text.splitlines())
    )


def authority_named(name: str) -> SampleAuthority:
    """The made-up authority of that name.

    Raises:
        KeyError: no such made-up authority.
    """
    for authority in sample_authorities():
        if authority.name == name:
            return authority
    raise KeyError(name)


def draw_truth(
    layout: str,
    seed: int,
    authority: SampleAuthority | None = None,
    start: date | None = None,
    grades: dict[str, str] | None = None,
) -> Truth:
    """Draw one made-up report; the same arguments always give the same truth.

    Args:
        layout: a key of `LAYOUTS`.
        seed: decides everything that the other arguments leave open.
        authority: whose report it is; else any that is not part of a merger.
        start: first day of the inspection; else a Monday within the layout's years.
        grades: grade codes by area code that are to be so; the others are drawn.

    Raises:
        KeyError: unknown layout.
    """
    spec = LAYOUTS[layout]
    rng = dice(f"{layout}/{seed}")
    authority = authority or rng.choice([a for a in sample_authorities() if a.la_code not in _MERGER])
    start = start or _monday(rng, spec)
    end = start + timedelta(days=rng.choice(spec.days))
    place = authority.name
    return Truth(
        layout=layout,
        framework_code=spec.framework_code,
        inspection_type="short" if layout.startswith("ilacs") and (end - start).days < 7 else spec.inspection_type,
        authority=authority,
        start=start,
        end=end,
        published=end + timedelta(days=rng.randint(35, 60)),
        prints_published=spec.prints_published,
        judgements=tuple(
            SampleJudgement(code, conformed, label, (grades or {}).get(code) or rng.choice(spec.grades))
            for code, conformed, label in spec.areas
        ),
        people=_people(rng, layout),
        recommendations=_recommendations(rng, spec),
        previous=_previous(rng, layout, start),
        figures=_figures(layout, start, place),
        sections=tuple((heading, _findings(rng, place)) for heading in _headings(layout)),
        topic=rng.choice(_TOPICS),
    )


def dice(seed: str) -> random.Random:
    """A source of choices that is the same for the same seed on every machine."""
    return random.Random(seed)  # noqa: S311 - chooses made-up words, guards nothing


def summary(truth: Truth) -> str:
    """The opening paragraph of a report, as long as real ones are."""
    rng = dice(f"summary/{truth.layout}/{truth.start}")
    sentences = [rng.choice(_SUMMARIES), *(_varied(rng, sentence) for sentence in rng.sample(_FINDINGS, 9))]
    return " ".join(sentences).format(place=truth.authority.name)


def _monday(rng: random.Random, spec: Layout) -> date:
    day = spec.first + timedelta(days=rng.randrange((spec.last - spec.first).days))
    return day + timedelta(days=(7 - day.weekday()) % 7)


def _people(rng: random.Random, layout: str) -> tuple[SamplePerson, ...]:
    names = [f"{rng.choice(_FIRST)} {last}" for last in rng.sample(_LAST, 6)]
    if layout == "area_send":
        bodies = ("Ofsted", "Care Quality Commission", "Ofsted", "Care Quality Commission", "Ofsted")
        roles = ("lead_inspector", "lead_inspector", "inspector", "inspector", "inspector")
        return tuple(
            SamplePerson(role, name, organisation=body) for role, name, body in zip(roles, names, bodies, strict=False)
        )
    lead = SamplePerson("lead_inspector", names[0])
    if layout.startswith(("sif", "lscb")):
        team = [SamplePerson("deputy_lead_inspector", names[1])]
        return (lead, *team, *(SamplePerson("inspector", n) for n in names[2:5]))
    if layout == "focused_visit":
        return (lead, SamplePerson("inspector", names[1]))
    return (lead,)


def _recommendations(rng: random.Random, spec: Layout) -> tuple[SampleRecommendation, ...]:
    found: list[SampleRecommendation] = []
    actions = rng.sample(_ACTIONS, len(_ACTIONS))
    for kind in spec.kinds:
        for _ in range(rng.randint(2, 3) if kind == "recommendation" else rng.randint(1, 3)):
            if not actions:
                break
            action = actions.pop()
            if kind == "recommendation":
                cited = tuple(str(n) for n in sorted(rng.sample(range(9, 80), rng.randint(1, 2))))
                text, number = f"Improve {action}", str(len(found) + 1)
                found.append(SampleRecommendation(kind, text, "Recommendations", number, cited))
            else:
                heading = _HEADINGS_OF_ACTIONS.get((spec.name, kind), "What needs to improve")
                found.append(SampleRecommendation(kind, action[0].upper() + action[1:], heading))
    return tuple(found)


_HEADINGS_OF_ACTIONS = {
    ("ilacs_2023", "area_for_improvement"): "What needs to improve?",
    ("ilacs_2026", "area_for_improvement"): "What needs to improve?",
    ("sif_2014", "priority_action"): "Priority and immediate action",
    ("sif_2014", "area_for_improvement"): "Areas for improvement",
    ("targeted_2013", "area_for_improvement"): "Areas for improvement",
    ("child_protection_2012", "area_for_improvement"): "Areas for improvement",
    ("slac_2010", "area_for_improvement"): "Areas for improvement",
    ("focused_visit", "priority_action"): "Area for priority action",
    ("focused_visit", "area_for_improvement"): "What needs to improve in this area of social work practice",
    ("jtai", "area_for_improvement"): "Areas for improvement",
    ("area_send", "area_for_improvement"): "Areas for improvement",
}


def _previous(rng: random.Random, layout: str, start: date) -> tuple[SamplePrevious, ...]:
    if not layout.startswith("sif"):
        return ()
    # Before a first single inspection stand those of 2009 to 2013; before a re-inspection, the first.
    months = [date(2012, rng.randint(1, 12), 1), date(2013, rng.randint(1, 6), 1)]
    grades: tuple[str, ...] = ("good", "adequate", "inadequate")
    if layout == "sif_reinspection":
        months = [date(start.year - 2, rng.randint(1, 12), 1)] * 2
        grades = ("requires_improvement", "inadequate")
    whats = (
        ("arrangements for the protection of children", "help_and_protection"),
        ("services for children looked after", "children_in_care"),
    )
    return tuple(
        SamplePrevious(what, area, month, rng.choice(grades)) for (what, area), month in zip(whats, months, strict=True)
    )


def _figures(layout: str, start: date, place: str) -> tuple[SampleFigure, ...]:
    """Figures of the area, as single inspections state them."""
    if not layout.startswith("sif"):
        return ()
    rng = dice(f"figures/{layout}/{start}/{place}")
    living, cared_for, plans = rng.randrange(21_000, 98_000, 100), rng.randint(201, 690), rng.randint(101, 420)
    area, care = "Children living in this area", "Children looked after in this area"
    day, share = f"At 31 March {start.year - 1}", rng.randint(11, 48)
    under = "children and young people under the age of 18 years"
    number = f"{day}, {cared_for} children were being looked after by the local authority."
    return (
        SampleFigure(living, "count", f"Approximately {living:,} {under} live in {place}.", area),
        SampleFigure(
            share, "percent", f"Approximately {share}% of the local authority’s children are living in poverty.", area
        ),
        SampleFigure(plans, "count", f"{day}, {plans} children were the subject of a child protection plan.", area),
        SampleFigure(cared_for, "count", number, care),
    )


def _findings(rng: random.Random, place: str) -> tuple[str, ...]:
    paragraphs: list[str] = []
    for _ in range(rng.randint(2, 4)):
        chosen = [_varied(rng, sentence) for sentence in rng.sample(_FINDINGS, rng.randint(2, 4))]
        paragraphs.append(" ".join(sentence.format(place=place) for sentence in chosen))
    return tuple(paragraphs)


def _varied(rng: random.Random, sentence: str) -> str:
    """The sentence under a circumstance or two: prose that repeats itself looks like running lines."""
    when, where = rng.choice(_WHEN), rng.choice(_WHERE)
    return f"{when} {where}, {sentence[0].lower()}{sentence[1:]}"


def _headings(layout: str) -> Iterable[str]:
    """Headings of the body's sections, without the grade that some layouts add to them."""
    if layout.startswith("ilacs_"):
        return [label for code, _, label in LAYOUTS[layout].areas if code != "overall"]
    if layout.startswith("sif"):
        return (
            "The experiences and progress of children who need help and protection",
            "The experiences and progress of children looked after and achieving permanence",
            "Leadership, management and governance",
            *(("The Local Safeguarding Children Board (LSCB)",) if layout != "sif_reinspection" else ()),
        )
    if layout in ("focused_visit", "monitoring_visit"):
        return ("Main findings",) if layout == "focused_visit" else ("Findings and evaluation of progress",)
    if layout == "jtai":
        return ("Key strengths", "Case study: highly effective practice")
    if layout == "area_send":
        return (
            "What is it like to be a child or young person with special educational needs and/or disabilities "
            "(SEND) in this area?",
            "What is the area partnership doing that is effective?",
            "What does the area partnership need to do better?",
        )
    if layout == "send_letter":
        return (
            "The effectiveness of the local area in identifying children and young people’s special educational "
            "needs and/or disabilities",
            "The effectiveness of the local area in improving outcomes for children and young people with special "
            "educational needs and/or disabilities",
        )
    if layout == "lscb_review":
        return ("Inspection findings – the Local Safeguarding Children Board",)
    return [label for _, _, label in LAYOUTS[layout].areas]


def month_words(day: date) -> str:
    """A month as reports print it, e.g. "March 2012"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
