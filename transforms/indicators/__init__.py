"""The registry of indicators computed from local returns.

`indicators` lists the modules of this folder: an indicator is one `Indicator` entry in the list
`INDICATORS` of the module its subject belongs to. Nothing else names one.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.indicators.model import Indicator


@lru_cache(maxsize=1)
def indicators() -> tuple[Indicator, ...]:
    """Every indicator declared in this folder, in the order of modules and entries."""
    found: list[Indicator] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        found.extend(getattr(importlib.import_module(f"{__name__}.{module.name}"), "INDICATORS", ()))
    return tuple(found)


def indicators_of(return_code: str) -> tuple[Indicator, ...]:
    """Return every indicator of one kind of return."""
    return tuple(entry for entry in indicators() if entry.return_code == return_code)
