"""Numbers of people: each is given once in the life of a store, also when jobs run side by side."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from store.schema import CounterRow

NEXT: Final = "next_id"
BLOCK: Final = 1_000_000
"""Numbers set aside for a job while it runs; what it did not use is given to others when it ends last."""


def take_block(session: Session) -> tuple[int, int]:
    """The first number a job may give, and the one after its last."""
    first = _next(session)
    _set_next(session, first + BLOCK)
    return first, first + BLOCK


def take_id(session: Session) -> int:
    """One number."""
    first = _next(session)
    _set_next(session, first + 1)
    return first


def give_back(session: Session, end_id: int, first_free: int) -> None:
    """Return what a job did not use of its block, as far as nobody got numbers behind it."""
    session.execute(
        update(CounterRow).where(CounterRow.name == NEXT, CounterRow.value == end_id).values(value=first_free)
    )


def _next(session: Session) -> int:
    row = session.get(CounterRow, NEXT, with_for_update=True)
    if row is None:
        session.add(CounterRow(name=NEXT, value=1))
        session.flush()
        return 1
    return row.value


def _set_next(session: Session, value: int) -> None:
    session.execute(update(CounterRow).where(CounterRow.name == NEXT).values(value=value))
    session.expire_all()
