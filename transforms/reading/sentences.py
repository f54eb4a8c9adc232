"""Where sentences end, in text whose footnote marks are glued to the words before them."""

from __future__ import annotations

import re

_STOPS = ".?!"
_CLOSERS = "\"')]\u2019\u201d0123456789"  # may follow the full stop: quotes, footnote marks
_SENTENCE = re.compile(r"(?:(?<=[.?!])|(?<=[.?!]['\")\d])|(?<=:)(?=\n))\s+(?=['\"(]?[A-Z\d\u2022])")


def ends_sentence(text: str, marks: str = _STOPS) -> bool:
    """Whether a line ends with one of the marks, closing quotes and footnote marks set aside.

    >>> ends_sentence("two are good.2"), ends_sentence("of 12")
    (True, False)
    """
    last = text[-1:]
    if last in marks:
        return bool(last)
    return last in _CLOSERS and text.rstrip(_CLOSERS)[-1:] in marks


def split_sentences(text: str) -> list[str]:
    """The sentences of a paragraph, footnote marks left on.

    >>> split_sentences("Two were good.2 One, e.g. the last, was not.")
    ['Two were good.2', 'One, e.g. the last, was not.']
    """
    return _SENTENCE.split(text)
