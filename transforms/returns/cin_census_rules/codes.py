"""Codes that the census's rules hold values against, as the department's rules list them.

They are those of the schemas of 2022/23 to 2025/26, which do not differ but for gender and sex.

Source: children in need census, schemas and specifications 2023 to 2026; DfE, unique pupil
numbers, code set of authorities.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib import resources

ETHNICITIES = (
    "ABAN AIND AOTH APKN BAFR BCRB BOTH CHNE MOTH MWAS MWBA MWBC NOBT OOTH REFU WBRI WIRI WIRT WOTH WROM".split()
)
GENDERS = ("0", "1", "2", "9")
SEXES = ("M", "F", "U")
DISABILITIES = ("NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA")
REFERRAL_SOURCES = "1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10".split()
NEEDS = tuple(f"N{n}" for n in range(10))
CLOSURES = tuple(f"RC{n}" for n in range(1, 10))
CLOSED_AFTER_ASSESSMENT = ("RC8", "RC9")
DIED = "RC2"
ABUSES = ("NEG", "PHY", "SAB", "EMO", "MUL")
FACTORS = (
    "1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A 14A 15A 16A 17A"
    " 18A 18B 18C 19A 19B 19C 20 21 22A 23A 24A".split()
)
NO_FACTORS = "21"
# UN1 says that a child is too young for a number, and so is no reason at school age.
UPN_REASONS_AT_SCHOOL_AGE = tuple(f"UN{n}" for n in range(2, 8))

# The letter that the weighted sum of the digits of a pupil number gives, modulo 23.
CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

# Numbers in use since April 1998, authorities that have gone and stand-ins included; those that opened
# since then are in the register.
_UPN_AUTHORITIES = (
    "001-005 201-213 301-320 330-336 340-344 350-359 370-373 380-384 390-394 420-420 660-681 701-708 800-803"
    " 805-808 810-813 815-816 820-823 825-826 830-831 835-841 845-846 850-852 855-857 860-861 865-896 908-909"
    " 916-916 919-919 921-921 925-926 928-929 931-931 933-933 935-938 940-941"
)
_UPN_AUTHORITIES_AS_OF = date(2023, 3, 31)


@cache
def upn_authorities(on: date) -> frozenset[str]:
    """Return the authority codes that a pupil number may carry, on a day."""
    known = set[str]()
    for span in _UPN_AUTHORITIES.split():
        first, last = map(int, span.split("-"))
        known.update(f"{code:03d}" for code in range(first, last + 1))
    seed = resources.files("transforms").joinpath("seeds", "authority.csv")
    for row in csv.DictReader(seed.read_text(encoding="utf-8").splitlines()):
        if _UPN_AUTHORITIES_AS_OF < date.fromisoformat(row["valid_from"]) <= on:
            known.add(row["la_code"])
    return frozenset(known)
