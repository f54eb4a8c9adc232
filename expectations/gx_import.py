"""Importing Great Expectations, the dearest step of a small load, without what is never used here.

Two of its modules import `altair` and `scipy.stats` for tests of distributions that no check of this
project makes; the two are 45 % of the import. Python's own lazy loader puts them off to their
first use, which does not come; a check that needs them would still find them.
"""

from __future__ import annotations

import gc
import importlib.util
import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PUT_OFF = ("altair", "scipy.stats")

_importing = threading.Lock()


class _PutOff:
    """A finder of modules that are to be imported at their first use."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find one of them, as the import system asks for it; None for every other module."""
        spec = PathFinder.find_spec(name, path, target) if name in PUT_OFF else None
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Put off what is not used, and let the collector of garbage rest: an import makes none."""
    collected = gc.isenabled()
    gc.disable()
    sys.meta_path.insert(0, _PutOff)
    try:
        yield
    finally:
        sys.meta_path.remove(_PutOff)
        if collected:
            gc.enable()


def prepare() -> None:
    """Import Great Expectations now. Safe to call again, and from two threads at once."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _importing:
        if "expectations.gx_rules" in sys.modules:
            return
        # It writes hundreds of lines on import, and one module then sets its own level; a stage has one line.
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        with _quick_imports():
            import expectations.gx_rules  # noqa: F401 - for its side effects
        logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)


@contextmanager
def prepared_meanwhile() -> Iterator[None]:
    """Import Great Expectations in a thread while the body runs; wait for it at the body's end.

    For a body that waits for other processes. An import that fails is left to `prepare`, which
    fails in its turn where the checks begin.
    """
    thread = threading.Thread(target=_prepare_quietly, name="import of the checks", daemon=True)
    thread.start()
    yield
    thread.join()


def _prepare_quietly() -> None:
    try:
        prepare()
    except Exception:  # noqa: BLE001 - told where the checks begin
        logging.getLogger("safeguarding").debug("the checks could not be imported yet", exc_info=True)
