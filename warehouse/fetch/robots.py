"""What a site asks of programs that visit it: reading `robots.txt`.

Source: RFC 9309, Robots Exclusion Protocol. `Crawl-delay` is not part of it, but asked for by many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_DELAY = 60.0  # seconds; a longer `Crawl-delay` would make a nightly run last for days


@dataclass(slots=True)
class Robots:
    """What one site allows one program.

    Attributes:
        rules: pattern of paths, its length, whether paths like it may be visited.
        delay: seconds to leave between two requests.
    """

    rules: list[tuple[re.Pattern[str], int, bool]] = field(default_factory=list)
    delay: float = 0.0

    def allows(self, path: str) -> bool:
        """Say whether a path with its query may be visited: the longest rule that fits decides."""
        fitting = [(length, allowed) for pattern, length, allowed in self.rules if pattern.match(path)]
        return max(fitting)[1] if fitting else True


def read_robots(text: str, user_agent: str) -> Robots:
    """Read the rules that a `robots.txt` has for one program.

    Args:
        text: of the file; lines that mean nothing are passed over.
        user_agent: what requests name themselves; its part before `/` or a blank is looked for.

    Returns:
        The rules of all groups for that name, else of those for everyone.
    """
    token = re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0].lower()
    groups: dict[str, Robots] = {}
    current: list[str] = []
    naming = False
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            current = [*current, value.lower()] if naming else [value.lower()]
            naming = True
            groups.setdefault(value.lower(), Robots())
            continue
        naming = False
        for agent in current:
            _add(groups[agent], name, value)
    return groups.get(token) or groups.get("*") or Robots()


def _add(robots: Robots, name: str, value: str) -> None:
    if name in ("allow", "disallow") and value:
        robots.rules.append((_pattern(value), len(value), name == "allow"))
    elif name == "crawl-delay":
        try:
            robots.delay = min(max(float(value), 0.0), MOST_DELAY)
        except ValueError:
            return


def _pattern(rule: str) -> re.Pattern[str]:
    """Return the pattern of a rule: `*` is any text, `$` at the end the end of the path."""
    whole = rule.endswith("$")
    parts = [re.escape(part) for part in rule.removesuffix("$").split("*")]
    return re.compile(".*".join(parts) + ("$" if whole else ""), re.DOTALL)
