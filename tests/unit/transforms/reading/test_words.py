"""Words: readable, comparable, and the same however they were damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.reading.words import key, key_lines, repair, repair_lines

ANY_TEXT = st.text(max_size=80)


@pytest.mark.parametrize(
    ("printed", "readable"),
    [
        ("Children\u2019s services", "Children's services"),
        ("the \u2018front door\u2019 and \u201cpods\u201d", "the 'front door' and \"pods\""),
        ("Children\u00e2\u20ac\u2122s services \u00e2\u20ac\u201c good", "Children's services \u2013 good"),
        ("cost \u00c2\u00a32 million", "cost \u00a32 million"),
        ("M\u00c3\u00a1ire", "M\u00e1ire"),
        ("M\u00e1ire d\u00e9cor", "M\u00e1ire d\u00e9cor"),
        ("Ma\u0301ire", "M\u00e1ire"),
        ("Bo O\ufffdHare", "Bo O'Hare"),
        ("plan for 2015\u221218", "plan for 2015\u201318"),
        ("2014\u0335\u201315", "2014\u2013\u201315"),
        ("\u2500 in schools \u2015 and \u2014 so", "\u2013 in schools \u2013 and \u2013 so"),
        ("\uf06e The local", "\u2022 The local"),
        ("pre\ufffeproceedings", "pre-proceedings"),
        ("infor\u00admation", "information"),
        ("which\u202fgives  a\u00a0real \x07 view \r", "which gives a real view"),
        ("children\ufffds 2013\ufffd14 a \ufffd b", "children's 2013\u201314 a \u2013 b"),
        ("\ufb01nd", "find"),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_repair_makes_a_line_readable(printed: str, readable: str) -> None:
    assert repair(printed) == readable


@pytest.mark.parametrize(
    "forms",
    [
        (
            "Children\u2019s services",
            "children's  SERVICES",
            "Childrens services",
            "Children\u00e2\u20ac\u2122s services",
        ),
        ("2013\u201314", "201314"),
        ("Leadership, management & governance", "leadership management governance"),
        ("\u25fc What needs to improve?", "what needs to improve"),
    ],
)
def test_key_is_equal_for_every_form_of_the_same_words(forms: tuple[str, ...]) -> None:
    assert len({key(form) for form in forms}) == 1


@given(ANY_TEXT)
def test_repair_is_idempotent(text: str) -> None:
    assert repair(repair(text)) == repair(text)


@given(ANY_TEXT)
def test_key_is_idempotent_and_plain(text: str) -> None:
    keyed = key(text)
    assert key(keyed) == keyed
    assert keyed.isascii()
    assert keyed == " ".join(keyed.split())
    assert keyed == keyed.lower()


@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\u2019\u2018\u2013\u25fc"))
)
def test_key_does_not_change_when_every_foreign_character_is_deleted(text: str) -> None:
    assert key(text) == key(text.encode("ascii", "ignore").decode())


@given(ANY_TEXT.filter(lambda t: not set("\u00e2\u00c2\u00c3\ufffd\u2026") & set(t)))
def test_repair_does_not_change_the_key(text: str) -> None:
    assert key(repair(text)) == key(text)


@given(st.lists(st.text(max_size=30)))
def test_many_lines_at_once_are_what_each_is_alone(lines: list[str]) -> None:
    assert repair_lines(lines) == [repair(line) for line in lines]
    assert key_lines(lines) == [key(line) for line in lines]
