"""Spyne validates each canonical request once: what is asked again is not put into the body again."""

from __future__ import annotations

from datetime import date

import pytest

from soapsvc.engine.result import AssumeRenewal
from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.reading import ReadRequest, ValidRequests
from soapsvc.soap.spyne_shim import SpyneContract
from tests.soap.client import Service, request
from tests.soap.sample_tenant import EMPTY, MONTHLY

LAST = "/apps/services/a/153.0"


@pytest.fixture
def validated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of requests in each body that Spyne validates."""
    counts: list[int] = []
    validate = SpyneContract.validate

    def counted(contract: SpyneContract, body: CanonicalBody) -> None:
        counts.append(0 if body.is_empty else len(body.element))
        validate(contract, body)

    monkeypatch.setattr(SpyneContract, "validate", counted)
    return counts


def test_only_new_requests_are_validated(service: Service, validated: list[int]) -> None:
    """Two new ones; one of them and a third; all three; the first in another version of the contract."""
    first, second, third = request(MONTHLY), request(EMPTY), request(MONTHLY, "2014-08-01")
    answers = [service.preview(*asked) for asked in ([first, second], [second, third], [first, second, third])]
    answers.append(service.preview(first, path="/apps/services/a/71.0"))
    assert validated == [2, 1, 0, 1]
    assert [answer.status for answer in answers] == [200] * 4


@pytest.mark.parametrize(
    "change",
    [{"ChargeTypeToExclude": "OneTime"}, {"IncludingEvergreenSubscription": "true"}, {"AssumeRenewal": "All"}],
    ids=lambda change: next(iter(change)),
)
def test_a_request_with_another_field_is_a_new_one(
    service: Service, validated: list[int], change: dict[str, str]
) -> None:
    service.preview(request(MONTHLY), path=LAST)
    service.preview(request(MONTHLY, **change), path=LAST)
    assert validated == [1, 1]


def test_the_requests_of_a_caller_without_a_session_are_not_kept(service: Service, validated: list[int]) -> None:
    service.token, token = "", service.token
    service.preview(request(MONTHLY))
    service.token = token
    service.preview(request(MONTHLY))
    assert validated == [1, 1]


def test_at_most_so_many_are_kept() -> None:
    valid = ValidRequests(most=2)
    requests = [
        ReadRequest(None, None, ((61, 0), None, (), date(2024, month, 1), False, AssumeRenewal.NONE))
        for month in (1, 2, 3)
    ]
    for each in requests:
        valid.add([each])
    assert [each.canonical in valid for each in requests] == [False, False, True]
