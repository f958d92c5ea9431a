"""Lists by page: every record comes once, and a repeated page does not lead to an endless list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from soapsvc.vendor.client import Query
from soapsvc.vendor.errors import BadAnswer, PageRepeated
from soapsvc.vendor.paging import pages, queried


class Told:
    """Answers in turn."""

    def __init__(self, *answers: Mapping[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[object] = []

    def get(self, path: str, query: Query = ()) -> Mapping[str, Any]:
        self.asked.append((path, tuple(query)))
        return self.answers.pop(0)

    def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        self.asked.append((path, dict(body)))
        return self.answers.pop(0)

    def page_after(self, url: str) -> tuple[str, Query]:
        return url, ()


def test_pages_follow_until_there_is_no_next_one() -> None:
    told = Told({"usage": [{"id": 1}], "nextPage": "/2"}, {"usage": [], "nextPage": "/3"}, {"usage": [{"id": 2}]})
    assert [record["id"] for record in pages(told, "/1", [("pageSize", "40")], "usage")] == [1, 2]
    assert told.asked == [("/1", (("pageSize", "40"),)), ("/2", ()), ("/3", ())]


@pytest.mark.parametrize("second", ["/1", "/2"])
def test_a_page_that_leads_to_itself_or_has_the_records_of_another_is_noticed(second: str) -> None:
    page = {"usage": [{"id": 1}], "nextPage": second}
    with pytest.raises(PageRepeated):
        list(pages(Told(page, page, page), "/1", (), "usage"))


def test_a_query_continues_from_locator_to_locator() -> None:
    told = Told(
        {"records": [{"Id": "a"}], "done": False, "queryLocator": "x-2000"}, {"records": [{"Id": "b"}], "done": True}
    )
    assert [record["Id"] for record in queried(told, "select Id from Account")] == ["a", "b"]
    assert told.asked[1] == ("/v1/action/queryMore", {"queryLocator": "x-2000"})


def test_a_query_without_records_has_none_and_one_that_never_ends_is_noticed() -> None:
    assert list(queried(Told({"size": 0, "done": True}), "select Id from Account")) == []
    page = {"records": [{"Id": "a"}], "done": False, "queryLocator": "x-2000"}
    with pytest.raises(PageRepeated):
        list(queried(Told(page, page, page), "select Id from Account"))
    with pytest.raises(BadAnswer):
        list(queried(Told({"records": [], "done": False}), "select Id from Account"))
    with pytest.raises(BadAnswer):
        list(pages(Told({"usage": "none"}), "/1", (), "usage"))
