"""Tells a database that does not answer from a mistake of ours, and says either to the log, each as it deserves."""

from __future__ import annotations

import logging

from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    TimeoutError,  # noqa: A004 - that of the connection pool
)

_MISTAKES = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def outage(error: BaseException) -> str | None:
    """Why the store does not answer, on one line and without a statement or its values; None for any other error.

    A database that is gone, refuses connections, is read-only, full or damaged does not answer. One that answers that
    our statement is wrong does.
    """
    if isinstance(error, TimeoutError):
        return "all of our connections to the database are in use"
    if isinstance(error, _MISTAKES) or not isinstance(error, DatabaseError | InterfaceError):
        return None
    return reason(error)


def reason(error: BaseException) -> str:
    """What the database says of its error, on one line; statements and values, which hold tenants' data, left out."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(said).split()) or type(said).__name__


def log_failure(log: logging.Logger, error: BaseException, sentence: str, *values: object) -> None:
    """Log what could not be done: on one line where the store does not answer, else with the way to the error."""
    why = outage(error)
    if why is not None:
        log.error(f"{sentence}: the tenant store does not answer: %s", *values, why)
    else:
        log.error(sentence, *values, exc_info=error)
