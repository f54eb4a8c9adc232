"""What the words of one heading of an official outcomes table say, wherever it stands.

Wordings of fifteen years of tables of the inspectorate, in plain words: lower case, single blanks, no marks
and notes. `official_headers` puts headings together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.spreadsheets import Cell

# Frameworks as headings and types of inspection name them; the first that matches is meant.
FRAMEWORK_WORDS = (
    (re.compile(r"\bsif\b|\bsingle inspection|services for children in need of help and protection"), "sif"),
    (
        re.compile(r"\bilacs\b|\binspect(?:ions?|ing)(?: of)? (?:local authorit(?:y|ies)|las?) children s services"),
        "ilacs",
    ),
    (re.compile(r"\btlac\b|targeted (?:inspection of |children )?looked after"), "looked_after_2013"),
    (re.compile(r"\bcpr?i\b|child protection (?:re )?inspection|protection of children"), "child_protection"),
    (re.compile(r"\bslac\b|safeguarding and (?:services for )?(?:looked after|children looked after)"), "slac"),
)
# Wordings of areas that only one framework uses, for tables that name none.
_WORDED_BY = (
    (re.compile(r"impact of leaders"), "ilacs"),
    (re.compile(r"management and governance|achieving permanence"), "sif"),
)
_AGAIN = re.compile(r"\bre ?inspections?\b|\bcpri\b")
# Which of several inspections: in words, by number, or else by year.
_ORDINAL = re.compile(
    r"\b(first(?! day| published)|second|third|fourth|fifth|sixth|latest|most recent|current|this(?= inspection)|last|"
    r"[1-9](?=st|nd|rd|th)|(?:(?<=inspection )|(?<=judgement )|(?<=ilacs )|(?<=sif ))[1-9](?!\d))"
)
_OF_YEAR = re.compile(r"\b20\d\d\b(?: \d\d\b)?")
_TIME_OF_AREA = re.compile(r"\b(?:from|until|before|since|to|after)(?: \d{1,2})?(?: [a-z]+)? 20\d\d\b")
_SAME_ORDINAL = {
    "1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "6": "sixth", "most recent": "latest",
    "current": "latest", "this": "latest",
}  # fmt: skip
COUNTED = frozenset(("first", "second", "third", "fourth", "fifth", "sixth"))
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|preceding|former|before|original|historic(?:al)?|old|penultimate|superseded|"
    r"last but one|last year(?: s)?)\b"
)
# The services that single inspections were of, by their full name: no area of one.
_ALL_SERVICES = re.compile(
    r"(?:services for )?children in need of help and protection(?: and)? children looked after and care leavers"
)
_BOTH_HALVES = re.compile(r"safeguarding and (?:services for )?(?:looked after children|children looked after)")
_AUTHORITY = re.compile(
    r"(?:name of )?(?:the )?"
    r"(?:(?:local )?authority(?: la)?(?: area)?|local authorities|la|council|local area|area(?= name))"
    r"(?: area)?(?: name)?"
)
_CODE = re.compile(r"(?:local authority|la|authority|ons|gss|dfe|area|new|old| )*code")
_URN = re.compile(r"(?:ofsted |la |local authority |provider )?(?:urn|unique reference number)")
_PROVIDERS = re.compile(
    r"provision type|provider type|type of provi|registration (?:status|date)|post ?code|\bplaces\b|^sector$|"
    r"setting|\bprovider\b(?! urn)|\bjoiner|\bleaver status|parliamentary|^name$|\bhomes?\b(?! office)|\baddress\b|"
    r"^town$|^county$|\bestablishment|\bschools?\b|\bagency\b|\borganisation|\bowner|overall experiences|"
    r"leaders and managers|how well children|health services"
)
# Titles of tables of others than authorities, unless they say that they are of authorities.
_PROVIDER_TITLE = re.compile(
    r"children s homes?\b|fostering|adoption (?:agenc|servic|support)|\bresidential\b|secure (?:children|training)|"
    r"family centre|boarding|children s centre|childmind|nurser|early years|further education|cafcass|holiday scheme|"
    r"supported accommodation|\bproviders?\b|youth (?:custody|offending)|\bsend\b"
)
_AUTHORITY_TITLE = re.compile(
    r"local authority (?:children s (?:social care )?services )?(?:level|in ?year|inspections?|outcomes|judgements)|"
    r"inspections? of local authorit|\band local authorities\b|local authorities and\b|"
    r"\bilacs\b|\bla (?:level|inspections?)\b|local authority children s services"
)
# What is neither a day nor a grade of an inspection of an authority, though it uses such words.
_OTHER = re.compile(
    r"\bnext\b|\bdue\b|\bexpected\b|\bplanned\b|\bscheduled\b|\bforthcoming\b|notif|"
    r"\b(?:days|weeks|months|years|time) (?:since|between|to|from)\b|\bnumbers?\b|\bno of\b|\bcount\b|\btotal\b|"
    r"\bper ?cent(?:age)?\b|\bproportion\b|\brates?\b|\brank(?:ing)?\b|\bscores?\b|\btrend\b|\bchanged?\b|"
    r"direction of travel|\bupdated?\b|\bintervention\b|commissioner|action plan|\blinks?\b|web ?page|\burl\b|"
    r"\btheme\b|\bcomments?\b|\bremarks?\b|\binspector\b|\bequals\b|"
    r"capacity (?:for|to) improve|quality of provision|\bambition\b|performance management|partnership|\bequality\b|"
    r"value for money|user engagement|workforce|\boutcomes for\b|being healthy|staying safe|positive contribution|"
    r"enjoying and achieving|economic well ?being|health contribution|"
    r"\bself (?:assess|evaluat)|\baverages?\b|\bmost common\b|\bneighbours?\b|\bpredict|\bforecast|"
    r"\badult|\bfostering\b|\bannounce|\boff ?site\b|\bmonitoring letter|"
    r"\bsend\b|\bjtai\b|joint (?:area|targeted)|\byot\b|youth offending|\bcqc\b"
)
_OF_VISITS = re.compile(r"\b(?:focus+ed|monitoring|assurance) visits?\b")
_GRADE_WORD = re.compile(r"\b(?:outstanding|good|inadequate|adequate|requires? improvement)\b")
_PUBLISHED = re.compile(r"\bpubli(?:cation|shed)\b|\breport (?:release )?date\b|\bdate of (?:the )?report\b")
_STARTED = re.compile(
    r"\b(?:inspection|visit|event|start)\b.*\bdate\b|"
    r"\bdate of (?:the )?(?:start of (?:the )?)?(?:(?:last|latest|most recent|current|first|second|previous) )?"
    r"(?:full )?(?:ilacs |sif )?(?:inspection|visit)\b|"
    r"\bdate (?:\w+ )?inspected\b|\bdate (?:inspection|visit) (?:started|began)\b|\binspected(?: on)?$|"
    r"\b(?:inspection|visit|event) (?:start(?:ed|s)?|began|begins|commenced|from|first day)$|"
    r"\b(?:start|first day|beginning) of (?:the )?(?:inspection|visit)\b"
)
_ENDED = re.compile(
    r"\bend(?:ed|s|ing)?\b|\bfinish(?:ed)?\b|\bcomplet(?:ed|ion)\b|\b(?:last|final|closing) (?:day|date)\b|"
    r"\b(?:date|inspection|visit) to$"
)
_TYPE = re.compile(
    r"\b(?:inspection|visit|event|activity)(?: visit| inspection| event)* (?:type|category)\b|"
    r"\btype of (?:inspection|visit|event)|framework$|^type$"
)

# Areas by their words, in the order in which they are tried, with the code across frameworks.
_AREAS = (
    (re.compile(r"\blscb\b|safeguarding children board"), "lscb"),
    (re.compile(r"\badoption\b"), "adoption"),
    (re.compile(r"\boverall\b|\boe\b"), "overall"),
    (re.compile(r"\bleaders\b|\bleadership\b"), "leadership"),
    (re.compile(r"(?:children in care|looked after).*care leavers"), "children_in_care"),
    (re.compile(r"\bcare leavers\b"), "care_leavers"),
    (re.compile(r"need (?:of )?help|help and protection"), "help_and_protection"),
    (re.compile(r"children in care|looked after|achieving permanence|^in care\b"), "children_in_care"),
)

# Headings of long lists, a row an inspection and judgement. What "judgement" heads alone, the others tell.
_LONG = (
    ("sub_area", re.compile(r"sub judge?ments?(?: (?:name|area|type))?")),
    (
        "area",
        re.compile(
            r"(?:(?:key|inspection|graded|ofsted) )*judge?ments? (?:area|type|name|category|heading|title|question)s?|"
            r"(?:name|type|area|aspect) of judge?ments?|key judge?ments?|areas?(?: judged| inspected| of inspection)?|"
            r"(?:inspection |judged )?aspects?(?: judged)?|evaluation (?:area|criterion|criteria)|"
            r"(?:inspection )?(?:criterion|criteria|strand|question)"
        ),
    ),
    (
        "grade",
        re.compile(
            r"(?:(?:inspection|judge?ment|ofsted|awarded) )*(?:grades?|gradings?|ratings?|outcomes?|results?)"
            r"(?: (?:awarded|given|name|label|description|text|number|code))?"
        ),
    ),
    ("either", re.compile(r"(?:(?:inspection|ofsted|inspectors?) )*judge?ments?(?: (?:made|given|description))?")),
    ("service", re.compile(r"(?:inspection |inspected )?(?:provision|service|remit)s?(?: (?:name|area|inspected))?")),
)
# What a row of a long list is of, where a column says it: services of authorities, or a half of them.
_HALVES = r"(?:safeguarding|child protection|looked after children|children looked after|children in care)"
_SERVICES = re.compile(
    r"(?:(?:local authority|la|council) )?(?:services for )?children s (?:(?:social care )?services?|social care)|"
    rf"local authority|(?:(?:local authority|la) )?{_HALVES}(?: services?)?|services for {_HALVES}|"
    rf"safeguarding (?:and|services and services for) {_HALVES}(?: services)?|"
    r"(?:local safeguarding children boards?|lscb)s?"
)

_MARK = re.compile(
    r"\((?:notes? )?\d{1,2}\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+|(?<=[A-Za-z]{3})\d{1,2}(?=\s*$)", re.IGNORECASE
)
_DAY = re.compile(r"(?:\w+ )?\d{1,2}[/.\- ]\w{1,9}[/.\- ]\d{2,4}(?: .*)?")
_BARE_DAY = re.compile(r"\d{1,4}[/.\- ](?:\d{1,2}|[A-Za-z]{3,9})[/.\- ]\d{1,4}(?:[ T][\d:.]+)?")
OPENING = ("started", "published", "kind")  # roles that open the columns of an inspection
Key = tuple[str | None, bool, str | None, str | None]  # framework, again, ordinal, half: as `Block` has them


def words(cell: Cell) -> str:
    """Return a heading as plain words: lower case, `and` for `&`, no marks, notes or line ends."""
    text = re.sub(r"\[.*?\]", " ", str(cell)).lower().replace("&", " and ")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def heading_words(cell: Cell) -> str:
    """Return a heading as plain words without marks of footnotes; empty for what is no text."""
    if not isinstance(cell, str):
        return ""
    return words(_MARK.sub(" ", cell).replace("%", " per cent ").replace("=", " equals "))


def long_role_of(text: str) -> str | None:
    """What a column of a long list holds: `area`, `sub_area`, `grade`, `either` of area and grade, or `service`."""
    return next((role for role, pattern in _LONG if pattern.fullmatch(text)), None)


def is_service(text: str) -> bool:
    """Whether plain words name services of authorities, or a framework of inspecting them."""
    return _SERVICES.fullmatch(text) is not None or (framework_named(text) is not None and not is_of_provider(text))


def is_area(role: str | None) -> bool:
    """Whether what a column holds is the grade of an area."""
    return role is not None and role not in OPENING


def is_authority(text: str) -> bool:
    """Whether plain words head a column that names the authority."""
    return _AUTHORITY.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Whether plain words head a column of codes of authorities."""
    return _CODE.fullmatch(text) is not None or is_urn(text)


def is_urn(text: str) -> bool:
    """Whether plain words head a column of the inspectorate's own numbers."""
    return _URN.fullmatch(text) is not None


def is_of_provider(text: str) -> bool:
    """Whether plain words head a column that only tables of providers have."""
    return _PROVIDERS.search(text) is not None


def is_grade(text: str) -> bool:
    """Whether plain words are a grade, and so no heading."""
    return _GRADE_WORD.fullmatch(text) is not None or text.endswith(" to be good")


def is_day(text: str) -> bool:
    """Whether a text is a day, with or without words before and behind."""
    return _DAY.fullmatch(text) is not None


def is_bare_day(text: str) -> bool:
    """Whether a text is a day and nothing else, as cells below a heading are."""
    return _BARE_DAY.fullmatch(text.strip()) is not None


def framework_named(text: str) -> str | None:
    """Return the framework that plain words name, or None."""
    return next((code for pattern, code in FRAMEWORK_WORDS if pattern.search(text)), None)


def worded_by(text: str) -> str | None:
    """Return the framework that alone words its areas as plain words do, or None."""
    worded = {code for pattern, code in _WORDED_BY if pattern.search(text)}
    return worded.pop() if len(worded) == 1 else None


def says_again(text: str) -> bool:
    """Whether plain words tell of a re-inspection."""
    return _AGAIN.search(text) is not None


def of_providers(titles: Iterable[str]) -> bool:
    """Whether titles are of a table of others than authorities."""
    said = [words(title) for title in titles]
    return any(_PROVIDER_TITLE.search(text) and not _AUTHORITY_TITLE.search(text) for text in said)


def is_unsure(heading: str) -> bool:
    """Whether a heading names an area, but says of the cells below that they are no plain grades of it."""
    text = heading_words(heading)
    return bool(("equals" in text or _GRADE_WORD.search(text)) and any(pattern.search(text) for pattern, _ in _AREAS))


def role_of(text: str) -> str | None:
    """What a column holds: `published`, `started`, `kind`, or the area it grades."""
    if not text or _OTHER.search(text) or (_OF_VISITS.search(text) and "inspection" not in text):
        return None
    if _TYPE.search(text):
        return "kind"
    if _PUBLISHED.search(text):
        return "published"
    if _ENDED.search(text):
        return None
    if _STARTED.search(text):
        return "started"
    rest = _ALL_SERVICES.sub(" ", text)
    return None if _GRADE_WORD.search(rest) else next((code for pattern, code in _AREAS if pattern.search(rest)), None)


def half_of(text: str) -> str | None:
    """Return which half of services judged in two plain words name: `safeguarding`, `looked_after` or None."""
    rest = _BOTH_HALVES.sub(" ", _ALL_SERVICES.sub(" ", text))
    if "looked after" in rest:
        return "looked_after"
    return "safeguarding" if "safeguarding" in rest else None


def key_of(text: str) -> Key:
    """What a heading says of the inspection its column is of."""
    again, found = says_again(text), _ORDINAL.search(text)
    ordinal = found[1] if found else None
    if ordinal is None and (year := _OF_YEAR.search(_TIME_OF_AREA.sub(" ", text))):
        ordinal = year[0]
    if _EARLIER.search(text):
        ordinal = "previous"
    return framework_named(text), again, _SAME_ORDINAL.get(ordinal or "", ordinal), half_of(text) if again else None
