"""Figures of runs for monitoring: how many have each status, and since when the oldest one has not ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from soapsvc.runs.definition import ACTIVE, RUNS, RunStatus
from soapsvc.tenant import Store


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The number of runs by status, and the creation time of the oldest run that has not ended."""

    by_status: Mapping[RunStatus, int]
    oldest: datetime | None


def runs_under_way(store: Store) -> UnderWay:
    """The figures at the moment. Raises SQLAlchemyError where the store does not answer."""
    columns = RUNS.c
    statement = select(columns.status, func.count(), func.min(columns.created)).group_by(columns.status)
    with store.reading() as connection:
        rows = [(RunStatus(status), count, made) for status, count, made in connection.execute(statement)]
    oldest = min((made for status, _, made in rows if status in ACTIVE), default=None)
    since = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return UnderWay({status: count for status, count, _ in rows}, since)
