"""The registry of local returns: statutory and inspection data that an authority itself holds.

`returns` lists the modules of this folder: adding one is adding a return. What differs between
returns and between their years is declared in their entries; readers, the rule engine and the
indicators know no return by name.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.returns.model import Return


@lru_cache(maxsize=1)
def returns() -> tuple[Return, ...]:
    """Every return declared in this folder, in the order of its modules."""
    found: list[Return] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        found.extend(getattr(importlib.import_module(f"{__name__}.{module.name}"), "RETURNS", ()))
    return tuple(found)
