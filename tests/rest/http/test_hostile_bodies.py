"""Hostile bodies are refused or answered within a second of processor time and 64 MiB of memory.

The same limits as for SOAP messages: each is answered in a process that is killed beyond them.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest

from tests.rest.client import BILLING_PREVIEW, Rest
from tests.soap.attacks import confined

NUMBER = "A00000014"
RUNS = "/v1/billing-preview-runs"
MOST = 2 * 1024 * 1024 - 500
FORM = "application/x-www-form-urlencoded"
STRICT = {"Prefer": "handling=strict"}


def asked(**fields: object) -> bytes:
    return json.dumps({"accountNumber": NUMBER, "targetDate": "2014-06-01", **fields}).encode()


def run_of(**fields: object) -> bytes:
    return json.dumps({"targetDate": "2026-04-30", **fields}).encode()


HOSTILE: dict[str, tuple[str, bytes, int]] = {
    "140,000 unknown fields": (BILLING_PREVIEW, asked(notes=True, **dict.fromkeys(map(str, range(140_000)), 1)), 400),
    "a field's name of 1.9 MB": (BILLING_PREVIEW, asked(**{"assumeRenewl" * 160_000: 1}), 400),
    "2,000,000 arrays, one in the other": (BILLING_PREVIEW, b'{"accountId": ' + b"[" * MOST, 400),
    "400,000 objects, one in the other": (BILLING_PREVIEW, b'{"a":' * (MOST // 5), 400),
    "400,000 subscription numbers": (BILLING_PREVIEW, asked(subscriptionNumbers=["x"] * 400_000), 400),
    "200,000 charge types": (BILLING_PREVIEW, asked(chargeTypeToExclude=",".join(["OneTime"] * 200_000)), 200),
    "80,000 accounts": (BILLING_PREVIEW, asked(accounts=[{"accountNumber": "x"}] * 80_000), 400),
    "a number of 2,000,000 digits": (BILLING_PREVIEW, b'{"x": %s}' % (b"9" * MOST), 400),
    "a fraction of 2,000,000 digits": (BILLING_PREVIEW, b'{"x": 0.%s}' % (b"9" * MOST), 400),
    "a number beyond any behind 500,000 others": (
        BILLING_PREVIEW,
        b'{"x": [%s1e10000000000000000000]}' % (b"1e9," * (MOST // 4)),
        400,
    ),
    "a date of 1.9 MB": (BILLING_PREVIEW, asked(targetDate="9" * 1_900_000), 400),
    "a moment of 1.9 MB": (BILLING_PREVIEW, asked(asOf="9" * 1_900_000), 400),
    "900,000 batches": (RUNS, run_of(batches="x," * 900_000), 400),
    "60,000 organizations": (RUNS, run_of(organizationLabels=[{"organizationId": f"{n}"} for n in range(60_000)]), 400),
    "500,000 filters": (RUNS, run_of(filters=[[]] * 500_000), 400),
    "500,000 parameters of a form": ("/oauth/token", b"a=b&" * 500_000, 413),
    "600,000 escapes in a form": ("/oauth/token", b"client_id=" + b"%41" * 600_000, 413),
    "140,000 parameters in JSON": ("/oauth/token", json.dumps(dict.fromkeys(map(str, range(140_000)))).encode(), 413),
}


def test_only_the_first_of_many_unknown_fields_are_listed(rest: Rest) -> None:
    """To look for the likely names of 20,000 took 1.5 s."""
    strange = {f"assumeRenewl{number}": 1 for number in range(20_000)}
    notes = rest.post(BILLING_PREVIEW, asked(notes=True, **strange)).json["notes"]
    told = [note["message"] for note in notes if note["code"] == "UNKNOWN_FIELD"]
    assert told[0] == "'assumeRenewl0' is not known; the nearest known name is 'assumeRenewal'. It was ignored."
    assert told[20:] == ["19980 more fields are not known. It was ignored."]


def test_the_name_of_an_unknown_field_is_cut(rest: Rest) -> None:
    (note, *_) = rest.post(BILLING_PREVIEW, asked(notes=True, **{"x" * 1000: 1})).json["notes"]
    assert note["message"] == f"'{'x' * 64}…' is not known. It was ignored."


@pytest.mark.parametrize(
    ("behind", "message"),
    [
        ("}", "'x' is 1e10000000000000000000, too large or too small for an amount or quantity."),
        (', "y": +1}', "The request body is not JSON (Expecting value: line 1 column 36 (char 35))."),
        (', "y": ' + "[" * 100_000, "The request body is nested too deeply."),
        (', "y": "\xff"}', "The request body is not UTF-8 text."),
        ("", "The request body is not JSON"),
    ],
    ids=["nothing", "no value", "depth", "no text", "no end"],
)
def test_text_after_a_number_that_is_too_long_need_not_be_json(rest: Rest, behind: str, message: str) -> None:
    """The reader stops at the number; only then is the text read for its place."""
    reply = rest.post(BILLING_PREVIEW, f'{{"x": 1e10000000000000000000{behind}'.encode("latin-1"))
    ((code, told),) = reply.reasons
    assert (reply.status, code) == (200, 50000020 if behind == "}" else 50000090)
    assert told.startswith(message)


@pytest.fixture
def collected() -> Iterator[None]:
    """The garbage collector leaves alone what there is, as it does in a worker process."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_answered_within_its_limits(rest: Rest, name: str) -> None:
    path, body, status = HOSTILE[name]
    assert rest.post(BILLING_PREVIEW, asked()).status == 200  # what the first call makes is made
    media_type = FORM if body[:1] not in b"{[" else "application/json"
    report = confined(lambda: f"{rest.post(path, body, STRICT, media_type).status}")
    assert report["answer"] == f"{status}"
