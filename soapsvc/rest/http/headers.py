"""Read and check the request headers that every operation has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from soapsvc.rest.http.errors import BadRequest, Forbidden
from soapsvc.rest.http.limits import RestLimits
from soapsvc.rest.http.request import Scope
from soapsvc.tenant.users import User
from soapsvc.web.gate import Gate

REQUEST_ID = "Zuora-Request-Id"
TRACK_ID = "Zuora-Track-Id"
IDEMPOTENCY_KEY = "Idempotency-Key"

_TRACK_ID = re.compile(r"[\x20-\x7e]*", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]+", re.ASCII)
_FORBIDDEN_IN_TRACK_ID = re.compile("[:;\"']")
_DATED_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_VERSION_DIGITS = 9
_BOOLEANS = frozenset({"true", "false"})


def track_header(headers: Mapping[str, str], limits: RestLimits) -> dict[str, str]:
    """The header that repeats the caller's own id of the request; raises BadRequest where it breaks the rules."""
    given = headers.get("zuora-track-id")
    if given is None:
        return {}
    if len(given) > limits.track_id_length:
        raise BadRequest(f"{TRACK_ID} has more than {limits.track_id_length} characters.", TRACK_ID)
    if not _TRACK_ID.fullmatch(given) or _FORBIDDEN_IN_TRACK_ID.search(given):
        raise BadRequest(f"{TRACK_ID} must be US-ASCII without colons, semicolons and quotes.", TRACK_ID)
    return {TRACK_ID: given}


def gate_headers(gate: Gate) -> dict[str, str]:
    """The headers of the concurrency limit: how many requests may be under way, and how many places are free."""
    return {
        "Concurrency-Limit-Type": "Default",
        "Concurrency-Limit-Limit": f"{gate.limit}",
        "Concurrency-Limit-Remaining": f"{gate.free()}",
    }


def prefers_strict(headers: Mapping[str, str]) -> bool:
    """Whether `Prefer: handling=strict` asks for true status codes (RFC 7240)."""
    preferences = (part.strip().lower() for part in headers.get("prefer", "").split(","))
    return "handling=strict" in preferences


def asks_for_version(headers: Mapping[str, str], first: int) -> bool:
    """Whether `Zuora-Version` names this minor version of the API or a later one; a date counts as later.

    A request without the header asks for the oldest version.
    """
    given = headers.get("zuora-version", "").strip()
    if _DATED_VERSION.match(given):
        return True
    version = given.partition(".")[0]
    return version.isdecimal() and int(version[:_VERSION_DIGITS]) >= first


def idempotency_key(headers: Mapping[str, str], limits: RestLimits) -> str | None:
    """The key under which the answer is to be replayed; raises BadRequest where it breaks the rules."""
    key = headers.get("idempotency-key")
    if key is not None and not (len(key) <= limits.idempotency_key_length and _KEY.fullmatch(key)):
        message = f"{IDEMPOTENCY_KEY} must have 1 to {limits.idempotency_key_length} visible US-ASCII characters."
        raise BadRequest(message, IDEMPOTENCY_KEY)
    return key


def is_async(headers: Mapping[str, str]) -> bool:
    """Whether the caller wants to fetch the answer later; raises BadRequest for a value other than true and false."""
    given = headers.get("async", "false").strip().lower()
    if given not in _BOOLEANS:
        raise BadRequest("async must be true or false.", "async")
    return given == "true"


def read_scope(user: User, headers: Mapping[str, str]) -> Scope:
    """The accounts that the request may see; raises Forbidden for an organization that the user may not see."""
    organizations = _ids(headers.get("zuora-org-ids"))
    if organizations is not None and user.organizations:
        hidden = sorted(organizations - user.organizations)
        if hidden:
            raise Forbidden(f"You do not have access to organization {', '.join(hidden)}.", "Zuora-Org-Ids")
    return Scope(user, organizations, _ids(headers.get("zuora-entity-ids")))


def _ids(header: str | None) -> frozenset[str] | None:
    """The ids of a comma-separated header; None where it names none."""
    ids = frozenset(part.strip() for part in (header or "").split(",")) - {""}
    return ids or None
