"""Read accounts and subscriptions in the form of the vendor's v1 REST API into the engine's model.

Only the structure is checked here: types of values, and required fields. Enumerations stay as they are written; the
engine reads them where a rule needs them. Accounts are read from "retrieve an account" or from one flat
object; subscriptions from "retrieve a subscription", with the last segment of each charge or with all segments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from soapsvc.engine.account import (
    Account,
    Charge,
    DeliverySchedule,
    DiscountApplyDetail,
    StatusSpan,
    Subscription,
    TakenOff,
    Tier,
)
from soapsvc.tenant.formats.parts import charge_id, rate_plan_id
from soapsvc.tenant.reading import (
    AccountRef,
    Document,
    FieldProblem,
    Shape,
    account_ref,
    at,
    derived_id,
    each,
    first,
    mapping,
    number,
    optional,
    text,
    whole,
)

_ACCOUNT_SECTIONS = ("basicInfo", "billingAndPayment")
_ACCOUNT = Shape(
    Account,
    spellings={"accountId": "id", "number": "account_number", "orgId": "organization_id"},
)
TIER = Shape(Tier)
_DISCOUNT_DETAIL = Shape(DiscountApplyDetail)
_SCHEDULE = Shape(DeliverySchedule)
_SPAN = Shape(StatusSpan)
_TAKEN_OFF = Shape(TakenOff)
_UPDATED = ("updateTime", "updatedDate", "UpdatedDate")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)", re.ASCII)
_RATE_PLAN_FACTS = {
    "id": "rate_plan_id",
    "productRatePlanId": "product_rate_plan_id",
    "productName": "product_name",
    "productSku": "product_sku",
    "ratePlanName": "rate_plan_name",
}


def read_tiers(value: object) -> tuple[Tier, ...]:
    """The tiers of a charge, in the order of their numbers where they have any."""
    documents = each(mapping)(value)
    tiers = each(lambda document: TIER.read(mapping(document), known={"starting_unit": number(0)}))(value)
    if all(document.get("tier") is not None for document in documents):
        ranks = [at(f"[{index}].tier", whole, document["tier"]) for index, document in enumerate(documents)]
        tiers = tuple(tier for _, tier in sorted(zip(ranks, tiers, strict=True), key=lambda pair: pair[0]))
    return tiers


_CHARGE = Shape(
    Charge,
    spellings={
        "subscriptionChargeDeliverySchedule": "delivery_schedule",
        "validityPeriodType": "validity_period",
    },
    readers={
        "tiers": read_tiers,
        "discount_apply_details": each(lambda value: _DISCOUNT_DETAIL.read(mapping(value))),
        "delivery_schedule": lambda value: _SCHEDULE.read(mapping(value)),
        "taken_off": each(lambda value: _TAKEN_OFF.read(mapping(value))),
    },
)
_SUBSCRIPTION = Shape(
    Subscription,
    spellings={"name": "subscription_number"},
    readers={"status_history": each(lambda value: _SPAN.read(mapping(value)))},
)


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An imported account: the engine's fields (without subscriptions), and the fields by which runs select."""

    account: Account
    organization_name: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """An imported subscription, with the account that it belongs to and the account that is invoiced for it.

    `updated` is the time of its last change, `YYYY-MM-DD HH:MM:SS`, by the exporting system's clock; empty where
    unknown.
    """

    subscription: Subscription
    version: int
    updated: str
    account: AccountRef
    owner: AccountRef


def read_account(document: Document, fallback_number: str) -> AccountRecord:
    """An account from v1 "retrieve an account" or from a flat object.

    An account without id and number gets `fallback_number`; one without id gets an id derived from its number.
    Raises FieldProblem.
    """
    flat = dict(document)
    for section in _ACCOUNT_SECTIONS:
        flat.update(_section(document, section))
    values, others = _ACCOUNT.split(flat)
    if "account_number" not in values and "id" not in values:
        values["account_number"] = fallback_number
    if "id" not in values:
        values["id"] = derived_id("account", str(values["account_number"]))
    values.setdefault("bill_cycle_day", 0)
    attributes = {key: value for key, value in others.items() if not isinstance(value, Mapping | list)}
    values["attributes"] = attributes
    if bill_to := first(_section(document, "billToContact"), "id"):
        attributes.setdefault("billToContactId", bill_to)
    if (country := _country(document)) is not None:
        values["country"] = country
    return AccountRecord(_ACCOUNT.build(values), first(flat, "organizationName", "orgName") or "")


def _section(document: Document, key: str) -> Document:
    return optional(document, key, mapping) or {}


def _country(document: Document) -> str | None:
    for key in ("soldToContact", "shipToContact", "billToContact"):
        if (
            country := at(key, lambda contact: first(mapping(contact), "country"), _section(document, key))
        ) is not None:
            return country
    return first(document, "country", "soldToCountry", "billToCountry")


def read_subscription(document: Document) -> SubscriptionRecord:
    """A subscription from v1 "retrieve a subscription", rate plans flattened in document order.

    Raises FieldProblem.
    """
    own = {key: value for key, value in document.items() if key != "ratePlans"}
    values, others = _SUBSCRIPTION.split(own)
    if "subscription_number" not in values:
        raise FieldProblem("subscriptionNumber", "is missing")
    subscription_number = str(values["subscription_number"])
    values.setdefault("id", derived_id("subscription", subscription_number))
    places = count()
    charges = optional(
        document,
        "ratePlans",
        each(lambda plan: tuple(_plan_charges(mapping(plan), subscription_number, next(places)))),
    )
    values["charges"] = _with_first_segments(tuple(charge for plan in charges or () for charge in plan))
    values["attributes"] = others
    account = account_ref(document)
    return SubscriptionRecord(
        _SUBSCRIPTION.build(values),
        optional(document, "version", whole) or 1,
        _updated(document),
        account,
        account_ref(document, "invoiceOwnerAccount") or account,
    )


def _updated(document: Document) -> str:
    texts = (value for name in _UPDATED if isinstance(value := document.get(name), str))
    found = next((match for value in texts if (match := _MOMENT.match(value)) is not None), None)
    return "" if found is None else f"{found[1]} {found[2]}"


def _plan_charges(plan: Document, subscription_number: str, place: int) -> Iterator[Charge]:
    facts: dict[str, object] = {
        field: value for key, field in _RATE_PLAN_FACTS.items() if (value := optional(plan, key, text)) is not None
    }
    # A discount may be limited to its own rate plan, so that plans without ids must not be taken for one.
    facts.setdefault("rate_plan_id", rate_plan_id(subscription_number, place))
    facts["removed"] = (optional(plan, "lastChangeType", text) or "").casefold() == "remove"
    documents = optional(plan, "ratePlanCharges", each(mapping)) or ()
    for index, document in enumerate(documents):
        path = f"ratePlanCharges[{index}]"
        segments = at(path, lambda charge: optional(charge, "chargeSegments", each(mapping)), document)
        if segments is None:
            yield at(path, lambda charge: _read_charge(charge, facts, subscription_number), document)
            continue
        common = {key: value for key, value in document.items() if key != "chargeSegments"}
        for position, segment in enumerate(segments):
            yield at(
                f"{path}.chargeSegments[{position}]",
                lambda own, common=common: _read_charge({**common, **own}, facts, subscription_number),  # type: ignore[misc]
                segment,
            )


def _read_charge(document: Document, facts: Mapping[str, object], subscription_number: str) -> Charge:
    values, others = _CHARGE.split(document)
    merged = {**facts, **values, "attributes": others}
    if "id" not in values and "number" in values:
        segment, start = values.get("segment", 1), values.get("effective_start_date")
        merged["id"] = charge_id(subscription_number, str(values["number"]), segment, start)  # type: ignore[arg-type]
    return _CHARGE.build(merged)


def _with_first_segments(charges: tuple[Charge, ...]) -> tuple[Charge, ...]:
    """Set on every segment of a charge the start of its first segment, where the document has the first one."""
    counts = Counter(charge.number for charge in charges)
    starts: dict[str, date] = {}
    for charge in charges:
        start = charge.effective_start_date
        if counts[charge.number] > 1 and charge.segment in {None, 1} and start is not None:
            starts[charge.number] = min(start, starts.get(charge.number, start))
    return tuple(
        replace(charge, original_effective_start_date=starts[charge.number])
        if charge.number in starts and charge.original_effective_start_date is None
        else charge
        for charge in charges
    )
