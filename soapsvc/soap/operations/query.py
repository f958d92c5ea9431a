"""`query` and `queryMore`: the tenant's records, and the state of billing preview runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.frame import BadLocator, MalformedQuery
from soapsvc.soap.operations.call import Call, Run
from soapsvc.soap.operations.reader import Reader
from soapsvc.soap.reading import read_strings
from soapsvc.soap.writing import query_answer
from soapsvc.tenant.users import User
from soapsvc.web.sessions import Sessions
from soapsvc.zoql import MOST_RECORDS, InvalidLocator, Page, Queries, QueryProblem

RESULT_FILES = "/apps/api/file/"
"""The path of result files; clients fetch them with a session as `Authorization: ZSession`."""


@dataclass(frozen=True, slots=True)
class Query:
    """The operation."""

    reader: Reader
    sessions: Sessions
    queries: Queries

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the query's text."""
        text = read_strings(call.node, ("queryString",), body).get("queryString", "")
        options, version = call.options, call.shape.since

        def first(user: User) -> Page:
            return self.queries.query(
                user,
                text,
                version,
                page=options.batch_size or MOST_RECORDS,
                case_sensitive=options.case_sensitive,
                files=_files(call),
            )

        return partial(_answered, self.reader, self.sessions, call, first)


@dataclass(frozen=True, slots=True)
class QueryMore:
    """The operation. Its pages have the length of the query's first page, whatever its header says."""

    reader: Reader
    sessions: Sessions
    queries: Queries

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the locator."""
        locator = read_strings(call.node, ("queryLocator",), body).get("queryLocator", "")

        def following(user: User) -> Page:
            return self.queries.query_more(user, locator, files=_files(call))

        return partial(_answered, self.reader, self.sessions, call, following)


def _files(call: Call) -> str:
    return f"{call.addresses.base_url}{RESULT_FILES}"


def _answered(reader: Reader, sessions: Sessions, call: Call, find: Callable[[User], Page]) -> Iterable[bytes]:
    user = sessions.user(call.session)
    try:
        page = find(user)
    except InvalidLocator as problem:
        raise BadLocator(problem.message) from problem
    except QueryProblem as problem:
        raise MalformedQuery(problem.message, problem.code) from problem
    now, _ = reader.now()
    return query_answer(call.soap, call.node.name, call.shape, page, now.tzinfo)
