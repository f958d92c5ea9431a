"""Distinguish a database that does not answer from a mistake of ours, and log each in its own form."""

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

    A database that is gone, refuses connections, is read-only, full or damaged counts as not answering. A database that
    reports an error in our statement counts as answering.
    """
    if isinstance(error, TimeoutError):
        return "all database connections of this process are in use"
    if isinstance(error, _MISTAKES) or not isinstance(error, DatabaseError | InterfaceError):
        return None
    return reason(error)


def reason(error: BaseException) -> str:
    """The database's message about its error, on one line, without statements and values, which hold tenants' data."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(said).split()) or type(said).__name__


def log_failure(log: logging.Logger, error: BaseException, sentence: str, *values: object) -> None:
    """Log a failure: on one line where the store does not answer, else with a traceback."""
    why = outage(error)
    if why is not None:
        log.error(f"{sentence}: the tenant store does not answer: %s", *values, why)
    else:
        log.error(sentence, *values, exc_info=error)
