"""The request that an operation gets, and the reply that it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from soapsvc.rest.http.errors import Category, Reason, Refused
from soapsvc.tenant.reading import FieldProblem, parse_json
from soapsvc.tenant.users import Owned, User

JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"


_DECISIVE_HEADERS = ("zuora-org-ids", "zuora-entity-ids", "async", "accept", "prefer", "x-zuora-wsdl-version")


@dataclass(frozen=True, slots=True)
class Scope:
    """The accounts that a request may see: those of the user's organizations, narrowed by its headers.

    `organizations` and `entities` are None without the header. An account without an organization or entity passes any
    header.
    """

    user: User
    organizations: frozenset[str] | None = None
    entities: frozenset[str] | None = None

    def sees(self, account: Owned) -> bool:
        """Whether the account is in the scope."""
        return (
            self.user.may_see(account)
            and _within(account.organization_id, self.organizations)
            and _within(account.entity_id, self.entities)
        )


def _within(carried: str | None, named: frozenset[str] | None) -> bool:
    return named is None or not carried or carried in named


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an operation: `path` has the path's parameters, `query` the query's, each with all its values.

    `url` is path and query as received, `base_url` our own address as the caller used it, without a slash at its end;
    `headers` have lower-case names. `strict` asks for true status codes where the vendor answers 200. `scope` is
    None for an operation that is open to everyone. `client` is the caller's network address.
    """

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    request_id: str
    strict: bool = False
    body: bytes = b""
    scope: Scope | None = None
    base_url: str = ""
    client: str = ""

    @property
    def caller(self) -> Scope:
        """The scope of a call to an operation that is not open."""
        if self.scope is None:
            raise LookupError("this operation is open to everyone: it has no caller")
        return self.scope

    def document(self) -> Mapping[str, object]:
        """The body as a JSON object, numbers exact; raises Refused where it is not a JSON object."""
        try:
            document = parse_json(self.body or b"{}")
        except FieldProblem as problem:
            if problem.path:
                told = Reason(Category.INVALID_VALUE, f"'{problem.path}' {problem.reason}.", problem.path)
            else:
                told = Reason(Category.MALFORMED, f"The request body {problem.reason}.")
            raise Refused(told) from problem
        if not isinstance(document, Mapping):
            raise Refused(Reason(Category.MALFORMED, "The request body is not a JSON object."))
        return document

    def query_values(self, names: Iterable[str]) -> dict[str, Sequence[str]]:
        """The query's parameters with one of these names."""
        return {name: self.query[name] for name in names if name in self.query}

    def accepts(self, media_type: str) -> bool:
        """Whether the `Accept` header names this media type."""
        return any(each.partition(";")[0].strip() == media_type for each in self.headers.get("accept", "").split(","))

    def fingerprint(self) -> bytes:
        """Equal for requests with the same answer: of method, URL, body, and the headers that decide the answer.

        The caller's scope is part of it: an answer is not replayed to a caller whose scope has changed.
        """
        decisive = "\n".join(self.headers.get(name, "") for name in _DECISIVE_HEADERS)
        rights = "\n".join(sorted(self.caller.user.organizations))
        return f"{self.method} {self.url}\n{decisive}\n{rights}\n\n".encode() + self.body


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `pieces` are its bytes in any number of parts. `is_packed`: they are compressed already."""

    pieces: Iterable[bytes]
    status: int = HTTPStatus.OK
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    is_packed: bool = False

    def close(self) -> None:
        """End the answer: no more pieces are read."""
        if (close := getattr(self.pieces, "close", None)) is not None:
            close()


Operation = Callable[[Call], Reply]
"""One operation: it answers a call or raises Failure."""
