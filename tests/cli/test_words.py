"""Words and numbers that options are declared with, each beside what it stands for."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from soapsvc import logs
from soapsvc.cli.options import words
from soapsvc.cli.shown.preview_formats import FORMATS
from soapsvc.engine.account import ChargeType
from soapsvc.engine.result import AssumeRenewal
from soapsvc.figures.groups import By
from soapsvc.parity.verification import DataFrom
from soapsvc.runs import Header, StorageOption
from soapsvc.runs.execution import LEASE_SECONDS, PART_ACCOUNTS, RETENTION
from soapsvc.server.listening.processes import PATIENT_SECONDS
from soapsvc.server.wsgi import Options
from soapsvc.soap.frame import MAX_SESSION_LIFETIME
from soapsvc.soap.operations import Offsets
from soapsvc.standin import Parity, SignIn
from soapsvc.vendor.fetching.accounts import ALL, NONE, PENDING

STAND_FOR: dict[str, object] = {
    "ASSUME_RENEWAL": AssumeRenewal,
    "NO_RENEWAL": AssumeRenewal.NONE.value,
    "CHARGE_TYPES": ChargeType,
    "PREVIEW_FORMATS": FORMATS,
    "GROUPED_BY": By,
    "STORAGE": StorageOption,
    "HEADERS": Header,
    "LEASE_SECONDS": LEASE_SECONDS,
    "PART_ACCOUNTS": PART_ACCOUNTS,
    "RETENTION_DAYS": RETENTION.days,
    "LOG_FORMS": logs.FORMS,
    "LOG_LEVELS": logs.LEVELS,
    "OFFSETS": Offsets,
    "SIGN_IN": SignIn,
    "LIMITS": Parity,
    "GRACE_SECONDS": PATIENT_SECONDS,
    "CONCURRENCY": Options().limits.concurrency,
    "MOST_SESSION_MINUTES": MAX_SESSION_LIFETIME.total_seconds() / 60,
    "DATA_FROM": DataFrom,
    "FETCHED_USAGE": (PENDING, ALL, NONE),
}
OWN = {"EXPLAINED", "LAST_FETCH"}
"""What nobody else says."""


@pytest.mark.parametrize("name", STAND_FOR)
def test_a_word_of_an_option_is_that_of_what_it_stands_for(name: str) -> None:
    stands_for = STAND_FOR[name]
    if isinstance(stands_for, Iterable) and not isinstance(stands_for, str):
        stands_for = tuple(str(each) for each in stands_for)
    assert getattr(words, name) == stands_for


def test_every_word_is_held_to_what_it_stands_for() -> None:
    assert {name for name in vars(words) if name.isupper()} == STAND_FOR.keys() | OWN
    assert set(words.EXPLAINED) <= set(words.PREVIEW_FORMATS)
