"""The trigger that turns new content in the landing zone into one event of the asset `landing_zone`.

It stands in an installed package because the triggerer adds no folder of DAGs to its path. What is
new is decided by `warehouse.watching`; the event carries a count only, since the load looks for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent


class LandingTrigger(BaseEventTrigger):  # type: ignore[misc]
    """Fires when new content has arrived and settled; once for a burst of files."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what makes an equal trigger elsewhere; settings come from that process's environment."""
        return "warehouse.triggers.LandingTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch for ever; a landing zone that cannot be read now is looked at again later."""
        from warehouse.settings import Settings
        from warehouse.watching import Watch

        settings = Settings.load()
        watch, failing = Watch(settings), False
        while True:
            try:
                new = await asyncio.to_thread(watch.look)
                failing = False
                if new:
                    yield TriggerEvent({"files": len(new)})
                    await asyncio.to_thread(watch.told, new)
            except Exception as error:  # whatever one look meets, the next one may go well
                if not failing:
                    self.log.warning("watching failed, trying again: %s", error)
                failing = True
            await asyncio.sleep(settings.poll_seconds)
