"""The clock that the network code lives by: the system's, or a test's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how to wait."""

    def now(self) -> datetime:
        """The time, aware and UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Come back after *duration*; at once where it is not positive."""
        ...


class SystemClock:
    """The real one."""

    def now(self) -> datetime:
        """The time, aware and UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Come back after *duration*; at once where it is not positive."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))
