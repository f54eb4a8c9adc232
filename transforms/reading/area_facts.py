"""The facts about an area at the head of inspection reports of 2013 to 2018, as fixed sentences.

Each is matched word by word from the number to what is counted, so that a line missing in
between can never lend its number to another fact. `indicator` codes are those of the conformed
indicators, and are given only to counts and rates of a stated day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER_WORDS = {
    word: value
    for value, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = rf"(?:\d{{1,2}} )?{MONTH},? 20\d\d(?!\d)"
# Thousands are printed with a comma: four digits without one may be a number and a footnote mark.
DIGITS = r"(?<![\w.,/\u00a3\u2013)-])(?:\d{1,3}(?:,\d{3})+|\d{1,3})(?![\d,.]*\d)(?![%/\u2013-])"
COUNT = rf"(?<!than )(?<!least )(?:{DIGITS}|\b(?:{'|'.join(NUMBER_WORDS)})\b)"
RATE = r"\d{1,4}(?:\.\d{1,2})?(?! ?%)"
PERCENT = r"(?<![\d.,\u2013-])\d{1,3}(?:\.\d{1,2})?(?= ?%| per cent)"
SIGN = r"(?: ?%| per cent)"

_CHILDREN = r"(?:(?:looked after )?children(?: and young people)?|young people|child)"
_SHARE = rf"(?:\s*\(?(?:or )?(?P<p>{PERCENT}){SIGN}\)?)?(?: of (?:these|them|whom))?"
_LIVE = r"(?:<C> )?(?:live|lives|lived|are living|were living)"
_CEASED = r"<N> <C> (?:have |has )?ceased to be looked after"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fixed sentence.

    Attributes:
        subject: what is counted.
        mark: words without which the pattern cannot match; tested first.
        pattern: matches from the number (`n`, or `p` for a share) to what is counted.
        count_code, rate_code: indicators that the number and its rate certainly are.
        whole: nothing else is stated in the same item.
    """

    subject: str
    mark: str
    pattern: re.Pattern[str]
    count_code: str | None = None
    rate_code: str | None = None
    whole: bool = True


def _fact(
    subject: str,
    mark: str,
    wording: str,
    codes: tuple[str, str] | None = None,
    *,
    whole: bool = True,
) -> Fact:
    wording = wording.replace("<S>", _SHARE).replace("<LIVE>", _LIVE).replace("<CEASED>", _CEASED)
    wording = wording.replace("<N>", f"(?P<n>{COUNT})").replace("<P>", f"(?P<p>{PERCENT}){SIGN}")
    pattern = re.compile(wording.replace("<C>", _CHILDREN))
    count_code, rate_code = codes or (None, None)
    return Fact(subject, mark, pattern, count_code, rate_code, whole)


FACTS = (
    _fact(
        "children and young people under 18 living in the area",
        " 18",
        r"<N> <C> (?:under|below) (?:the age of )?18(?: years)?(?: of age)? (?:who )?(?:currently )?liv(?:e|ing)\b",
        whole=False,
    ),
    _fact(
        "share of children under 18 in the population",
        "population",
        r"[Tt]his is (?:approximately )?<P> of the (?:total )?population",
    ),
    _fact(
        "children living in poverty",
        "living in ",
        r"<P> of (?:the )?(?:local authority's |local authoritys )?children(?: aged under 16"
        r"(?: years)?)? are living in (?:poverty|low.income)",
    ),
    _fact(
        "children and young people from minority ethnic groups",
        "minority",
        r"minority ethnic groups account for (?:approximately )?<P> of all",
    ),
    _fact(
        "children in need",
        "formally in need",
        r"<N> <C> (?:had|have|has) been identified through (?:an )?assessments? as (?:being )?formally in need",
    ),
    _fact(
        "children subject of a child protection plan",
        "child protection plan",
        r"<N> <C> (?:were|are|was|is|had been) (?:the )?subjects? (?:of|to) (?:a )?child protection plans?",
        ("cpp_num", "cpp_rate"),
    ),
    _fact(
        "children in a privately arranged fostering placement",
        "privately arranged",
        r"<N> <C> (?:were |are )?(?:known to be )?(?:lived|living|live|lives) in (?:a )?privately arranged fostering",
    ),
    _fact(
        "children looked after",
        "looked after by",
        r"<N> <C> (?:are|were|was) (?:currently )?(?:being )?looked after by the (?:local )?authority",
        ("lacnum", "lac"),
    ),
    _fact(
        "children looked after", "looking after", r"local authority (?:was|is) looking after <N> <C>", ("lacnum", "lac")
    ),
    _fact(
        "serious incident notifications",
        "serious incident",
        r"<N> serious incident notifications? (?:has|have) been submitted",
        whole=False,
    ),
    _fact("serious case reviews", "serious case", r"<N> serious case reviews? (?:has|have) been"),
    _fact(
        "children looked after who live outside the authority's area",
        "authority area",
        r"^<N><S> <LIVE> (?:outside|out of) the (?:local )?authority area",
    ),
    _fact(
        "children looked after in residential children's homes",
        "home",
        r"^<N><S> <LIVE> in (?:residential )?(?:children'?s )?(?:residential )?homes",
    ),
    _fact(
        "children looked after in residential special schools",
        "special school",
        r"^<N><S> <LIVE> in residential special schools?",
    ),
    _fact("children looked after with foster families", "foster", r"^<N><S> <LIVE> with foster (?:families|carers)"),
    _fact("children looked after who live with parents", "parent", r"^<N><S> <LIVE> with (?:their )?parents?"),
    _fact(
        "unaccompanied asylum-seeking children looked after",
        "asylum",
        r"^<N><S> (?:<C> )?(?:is|are|were|was) (?:an )?unaccompanied asylum.?seeking",
    ),
    _fact("adoptions", "adoption", r"there (?:have|has) been <N> adoptions?"),
    _fact("adoptions", "adopted", r"<N> <C> (?:have been|has been|were|was) adopted"),
    _fact(
        "children who became subject of special guardianship orders",
        "special guardianship",
        r"<N> <C> (?:have |has )?(?:became|become|been made) (?:the )?subjects? (?:of|to) (?:a )?special guardianship",
    ),
    _fact(
        "children who moved from care to independent living",
        "independent living",
        r"<CEASED>,? and (?:have |has )?moved on to independent living",
    ),
    _fact(
        "children who moved from care to houses of multiple occupation",
        "multiple occupation",
        r"<CEASED>,? and (?:are|is) now living in houses of multiple occupation",
    ),
    _fact("children who ceased to be looked after", "ceased", r"<CEASED>(?!,? and)"),
)

# What may follow a fact in its own item.
RATE_HERE = re.compile(rf"[^.]{{0,60}}?\(?(?:at )?a rate of (?P<r>{RATE}) per 10,000")
RETURNED = re.compile(rf"of whom (?P<p>{PERCENT}){SIGN} (?:subsequently|have) returned to be looked after")
PREVIOUS = re.compile(
    rf"(?:\bfrom|\bcompared (?:with|to)|\bagainst) (?P<n>{COUNT})(?: {_CHILDREN})?"
    rf"(?: \((?:a rate of )?(?P<r>{RATE}) per 10,000[^)]*\))?"
    rf"(?:,? (?P<when>(?:(?:as )?at|on|in) {DATE}))?"
)
SCHOOLS = re.compile(
    rf"^(?:in )?(?P<school>primary|secondary|nursery and primary|nursery|special) schools? (?:is|are"
    rf"|was) (?P<p>{PERCENT}){SIGN}"
)
SCHOOL_SUBJECTS = (
    ("free school meals", "children entitled to free school meals"),
    ("additional language", "children with English as an additional language"),
)
NATIONAL = re.compile(
    r"(?:the national (?:average|figure|rate|level|proportion)(?: is| was|,)? ?(?:of )?|compared (?:with"
    r"|to) (?:the national (?:average|figure) of )?)"
    rf"(?P<p>{PERCENT}){SIGN}(?P<whom> (?:in the country as a whole|nationally|across England|in England))?"
)
