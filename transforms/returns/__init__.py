"""The registry of local returns: statutory and inspection data that an authority itself holds.

`returns` lists the modules of this folder: adding one is adding a return. What differs between
returns and between their years is declared in their entries; readers, the rule engine and the
indicators know no return by name. The rules of a return are the entries of the modules in the
package beside it, `<code>_rules`.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.returns.model import Return
    from transforms.returns.rule import Rule


@lru_cache(maxsize=1)
def returns() -> tuple[Return, ...]:
    """Every return declared in this folder, in the order of its modules."""
    found: list[Return] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        found.extend(getattr(importlib.import_module(f"{__name__}.{module.name}"), "RETURNS", ()))
    return tuple(found)


@lru_cache(maxsize=8)
def rules_of(return_code: str) -> tuple[Rule, ...]:
    """Every rule of a return, of all years, in the order of their codes; none for a return without any."""
    name = f"{__name__}.{return_code}_rules"
    if importlib.util.find_spec(name) is None:
        return ()
    found: list[Rule] = []
    for module in sorted(pkgutil.iter_modules(importlib.import_module(name).__path__), key=lambda m: m.name):
        found.extend(getattr(importlib.import_module(f"{name}.{module.name}"), "RULES", ()))
    return tuple(sorted(found, key=lambda entry: (entry.code, entry.since or 0)))
