"""The registry of local returns: statutory and inspection data that an authority itself holds.

A return is a module of this folder and the seed its columns stand in, `<code>_column.csv`, both of its
code: adding them is adding a return. What differs between returns and between their years is declared
there; readers, the rule engine and the indicators know no return by name. The rules of a return are the
entries of the modules in the package beside it, `<code>_rules`. To list returns imports no engine.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.returns.entry import Return
    from transforms.returns.rule import Rule

_COLUMNS = "_column.csv"


@lru_cache(maxsize=1)
def returns() -> tuple[Return, ...]:
    """Every return declared in this folder, in the order of their codes."""
    seeds = (seed.name for seed in resources.files("transforms").joinpath("seeds").iterdir())
    codes = sorted(name.removesuffix(_COLUMNS) for name in seeds if name.endswith(_COLUMNS))
    return tuple(entry for code in codes for entry in importlib.import_module(f"{__name__}.{code}").RETURNS)


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
