"""What a site asks of programs that visit it, by its `robots.txt`; read by Protego."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

MOST_DELAY = 60.0  # seconds; a longer `Crawl-delay` would make a nightly run last for days


@dataclass(frozen=True, slots=True)
class Robots:
    """What one site allows one program.

    Attributes:
        rules: of the site.
        user_agent: what requests name themselves.
    """

    rules: Protego
    user_agent: str

    @property
    def delay(self) -> float:
        """Seconds to leave between two requests."""
        return min(max(self.rules.crawl_delay(self.user_agent) or 0.0, 0.0), MOST_DELAY)

    def allows(self, url: str) -> bool:
        """Say whether an address may be visited: the longest rule that fits decides."""
        return self.rules.can_fetch(url, self.user_agent)


def read_robots(text: str, user_agent: str) -> Robots:
    """Read the rules that a `robots.txt` has for one program; lines that mean nothing are passed over.

    Args:
        text: of the file; empty where there is none, which allows all.
        user_agent: what requests name themselves.
    """
    return Robots(Protego.parse(text), user_agent)
