"""Problems of imported data, with their places.

FieldProblem      one value of one document (an exception while decoding, completed with its path on the way up)
ImportProblem     a value: file, line or field path, reason
ImportRefused     the exception that carries every problem found; nothing was imported
"""

from __future__ import annotations

from dataclasses import dataclass


class FieldProblem(ValueError):
    """A value of a document that cannot be read: `path` in the document's own names, and the reason."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason

    def under(self, parent: str) -> FieldProblem:
        """The same problem with its path in the outer object, which holds this one under `parent`."""
        if not self.path:
            return FieldProblem(parent, self.reason)
        joint = "" if self.path.startswith("[") else "."
        return FieldProblem(f"{parent}{joint}{self.path}", self.reason)


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One reason why a tenant cannot be imported: `where` is a line or a field path, empty for the whole file."""

    file: str
    where: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.where, self.reason) if part)


class ImportRefused(Exception):
    """A tenant was not imported, not even in part; `problems` has the reasons (`more`: there may be further ones)."""

    def __init__(self, problems: tuple[ImportProblem, ...], *, more: bool = False) -> None:
        super().__init__("\n".join([*map(str, problems), *(["… and more"] if more else [])]))
        self.problems = problems
        self.more = more
