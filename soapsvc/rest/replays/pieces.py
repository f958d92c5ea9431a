"""Large answers in the tenant's database, in pieces: only one piece is in memory, whatever the answer's size."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, insert, select, tuple_

from soapsvc.rest.replays.tables import ANSWER_PIECES
from soapsvc.tenant.store import Store

PIECE_BYTES = 256 * 1024
"""The smallest size of a piece before compression; answers are made in parts of about 64 KiB."""
_LEVEL = 1
_GRACE_SECONDS = 3600
"""How much longer than its row an answer is stored, for clients that are reading it."""
_PURGED_AT_ONCE = 100
"""How many pieces one transaction deletes: few, because it blocks other writers."""


class PieceMissing(RuntimeError):
    """A stored answer was deleted after it expired, while a client was still reading it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of all answers."""

    store: Store

    def add(self, connection: Connection, answer: str, number: int, content: bytes, expires: int) -> None:
        """Add a piece to an answer whose row lives until `expires`, in seconds since 1970."""
        values = {"answer": answer, "number": number, "expires": expires + _GRACE_SECONDS, "body": packed(content)}
        connection.execute(insert(ANSWER_PIECES).values(values))

    def read(self, answer: str, count: int) -> Iterator[bytes]:
        """An answer, read piece by piece; no connection is held between pieces. Raises PieceMissing."""
        columns = ANSWER_PIECES.c
        for number in range(count):
            wanted = select(columns.body).where(columns.answer == answer, columns.number == number)
            with self.store.begin() as connection:
                body: bytes | None = connection.execute(wanted).scalar()
            if body is None:
                raise PieceMissing(f"piece {number} of {count} of answer {answer} is gone")
            yield unpacked(body)

    def drop(self, connection: Connection, answer: str) -> None:
        """Delete all pieces of an answer."""
        connection.execute(delete(ANSWER_PIECES).where(ANSWER_PIECES.c.answer == answer))

    def has_expired(self, connection: Connection, now: int) -> bool:
        """Whether any piece has expired."""
        return connection.execute(_expired(now).limit(1)).first() is not None

    def purge(self, now: int) -> None:
        """Delete expired pieces, a few at a time; several processes may do so at once."""
        key = tuple_(ANSWER_PIECES.c.answer, ANSWER_PIECES.c.number)
        these = _expired(now).limit(_PURGED_AT_ONCE).with_for_update(skip_locked=True)
        some = delete(ANSWER_PIECES).where(key.in_(these))
        while True:
            with self.store.begin() as connection:
                if connection.execute(some).rowcount < _PURGED_AT_ONCE:
                    return


def _expired(now: int) -> Select[tuple[str, int]]:
    columns = ANSWER_PIECES.c
    return select(columns.answer, columns.number).where(columns.expires <= now)


def blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of at least `PIECE_BYTES`, except for the last part."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE_BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)


def packed(content: bytes) -> bytes:
    """The content, compressed."""
    return zlib.compress(content, _LEVEL)


def unpacked(body: bytes) -> bytes:
    """The compressed content, decompressed."""
    return zlib.decompress(body)
