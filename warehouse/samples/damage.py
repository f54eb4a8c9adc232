"""Damage to plain texts, as careless exports do it: what a parser must survive without a wrong grade."""

from __future__ import annotations

from warehouse.samples.content import dice


def delete_non_ascii(text: str) -> str:
    """Delete every character that is not ASCII: "2013–14" becomes "201314", bullets and quotes vanish."""
    return text.encode("ascii", "ignore").decode("ascii")


def delete_lines_with_digits_first(text: str) -> str:
    """Delete every line that begins with a digit: rows of numbered grids and first lines of paragraphs."""
    return "\n".join("" if line[:1].isdigit() else line for line in text.split("\n"))


def join_words(text: str, seed: int, share: float = 0.03) -> str:
    """Delete some of the spaces between words."""
    rng = dice(f"join/{seed}")
    return "".join("" if char == " " and rng.random() < share else char for char in text)


def split_words(text: str, seed: int, share: float = 0.01) -> str:
    """Put a space into some words."""
    rng = dice(f"split/{seed}")
    out: list[str] = []
    for before, char in zip(" " + text, text, strict=False):
        if before.isalpha() and char.isalpha() and rng.random() < share:
            out.append(" ")
        out.append(char)
    return "".join(out)


def lose_line_ends(text: str, seed: int, share: float = 0.3) -> str:
    """Run some lines into the next."""
    rng = dice(f"ends/{seed}")
    return "".join(" " if char == "\n" and rng.random() < share else char for char in text)


def misread_punctuation(text: str) -> str:
    """Apostrophes and dashes as text in the wrong encoding shows them."""
    return text.encode("utf-8").decode("cp1252", "replace")


def as_exported(text: str) -> str:
    """The two losses that the known damaged exports have, in their order."""
    return delete_lines_with_digits_first(delete_non_ascii(text))
