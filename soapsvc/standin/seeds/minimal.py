"""The short form of an account: a few fields; the rest gets the vendor's defaults.

An account is a currency and a bill day; a subscription is a plan, a charge, a price and a period. v1 names may be mixed
with the short ones. Documents in v1 form (a subscription with `ratePlans`, an account with `basicInfo`) are unchanged.
docs/test/state.md has the table of the names and an example.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from soapsvc.standin.problems import Refused, nearest
from soapsvc.tenant.reading import Document, FieldProblem, day, whole

Kinds = dict[str, list[dict[str, Any]]]

_BESIDE = ("subscriptions", "usage", "drafts")
"""The keys of further records in an account's document."""
_ACCOUNT = ("accountNumber", "name", "currency", "billCycleDay", "batch", "status", "account", *_BESIDE)
_SUBSCRIPTION = ("number", "plan", "start", "term", "autoRenew", "renewalTerm", "evergreen", "charges")
_CHARGE = (
    *("charge", "price", "quantity", "period", "type", "model", "tiers", "timing", "uom", "discount", "billedTo"),
    *("start", "end"),
)
_DEFAULT_TERM = 12
_CLOSE = 0.8
_OWN_KEYS = frozenset({"number", "start", "term", "plan", "charges", "evergreen", *_CHARGE})


def has_more(account: Document) -> bool:
    """Whether a document has more than the account's own fields, or fewer than v1 requires."""
    return "basicInfo" not in account or "account" in account or any(name in account for name in _BESIDE)


def expanded(given: Document, number: str | None, today: date) -> Kinds:
    """The v1 documents of an account by folder; the account must have `number`.

    Start dates that are not given are `today`. Raises Refused.
    """
    account = dict(_mapping(given.get("account", given), "account"))
    for name in _BESIDE:
        account.pop(name, None)
    _check_names(account, _ACCOUNT, "account")
    own = _number(account, number)
    if "basicInfo" not in account:
        account = {"name": own, "currency": "USD", "billCycleDay": 1, "batch": "Batch1", "status": "Active"} | account
        account["accountNumber"] = own
    subscriptions = [
        _subscription(_mapping(each, f"subscriptions[{index}]"), own, index, today)
        for index, each in enumerate(_list(given, "subscriptions"))
    ]
    kinds: Kinds = {"accounts": [account], "subscriptions": subscriptions}
    kinds["usage"] = [_usage(each, own, subscriptions, today) for each in _mappings(given, "usage")]
    kinds["drafts"] = [{"accountNumber": own, **each} for each in _mappings(given, "drafts")]
    return kinds


def _number(account: Document, wanted: str | None) -> str:
    basic = account.get("basicInfo")
    said = basic.get("accountNumber") if isinstance(basic, Mapping) else account.get("accountNumber")
    if said is not None and not isinstance(said, str):
        raise Refused(f"accountNumber is {said!r}, not a text", field="accountNumber")
    if wanted is not None and said not in {None, wanted}:
        raise Refused(f"accountNumber is {said}, but the path has {wanted}", field="accountNumber")
    if (number := wanted or said) is None:
        raise Refused("accountNumber is missing", field="accountNumber")
    return number


def _subscription(given: Document, account: str, index: int, today: date) -> dict[str, Any]:
    path = f"subscriptions[{index}]"
    if "ratePlans" in given:
        return {"accountNumber": account, **given} if "accountId" not in given else dict(given)
    charges = [_mapping(each, f"{path}.charges[{at}]") for at, each in enumerate(_list(given, "charges", path))]
    alone = not charges
    _check_names(given, (*_SUBSCRIPTION, *(_CHARGE if alone else ())), path)
    if not alone:
        _check_is_no_charge(given, path)
    number = str(given.get("number") or f"S-{account}-{index + 1}")
    start = _day(given, "start", path) or today
    end, term = _term(given, start, path)
    own = {name: value for name, value in given.items() if name not in _OWN_KEYS}
    written = [
        _charge(each, f"{path}.charges[{at}]" if not alone else path, f"C-{number}-{at + 1}", (start, end))
        for at, each in enumerate([given] if alone else charges)
    ]
    plan = str(given.get("plan") or "Plan")
    return {
        "subscriptionNumber": number,
        "accountNumber": account,
        "version": 1,
        "status": "Active",
        "contractEffectiveDate": start.isoformat(),
        "serviceActivationDate": start.isoformat(),
        "customerAcceptanceDate": start.isoformat(),
        "subscriptionStartDate": start.isoformat(),
        "subscriptionEndDate": None if end is None or given.get("autoRenew") is True else end.isoformat(),
        "termStartDate": start.isoformat(),
        "termEndDate": end and end.isoformat(),
        **term,
        **{name: value for name, value in own.items() if name in _SUBSCRIPTION or name not in _CHARGE},
        "ratePlans": [{"ratePlanName": plan, "productName": plan, "ratePlanCharges": written}],
    }


def _term(given: Document, start: date, path: str) -> tuple[date | None, dict[str, Any]]:
    """The first day after the term, None for an evergreen subscription, and the term's v1 fields."""
    if given.get("evergreen") is True:
        return None, {"termType": "EVERGREEN", "autoRenew": False}
    months = _whole(given, "term", path) if "term" in given else _DEFAULT_TERM
    renewal = {"renewalTerm": given.get("renewalTerm", months), "renewalTermPeriodType": "Month"}
    named = {"initialTerm": months, "initialTermPeriodType": "Month", **renewal, "autoRenew": False}
    return _later(start, months), {"termType": "TERMED", "renewalSetting": "RENEW_WITH_SPECIFIC_TERM", **named}


def _charge(given: Document, path: str, number: str, lasts: tuple[date, date | None]) -> dict[str, Any]:
    """A charge; by default it lasts as long as its subscription."""
    _check_names(given, (*_CHARGE, *_SUBSCRIPTION), path)
    kind = str(given.get("type") or ("Usage" if "uom" in given and "period" not in given else "Recurring"))
    start = _day(given, "start", path) or lasts[0]
    end = _day(given, "end", path) or lasts[1]
    model = str(given.get("model") or _model(given, kind))
    own = {name: value for name, value in given.items() if name not in _OWN_KEYS and name not in _SUBSCRIPTION}
    charge: dict[str, Any] = {
        "number": number,
        "name": str(given.get("charge") or given.get("plan") or "Charge"),
        "type": kind,
        "model": model,
        "segment": 1,
        "version": 1,
        "price": given.get("price"),
        "quantity": given.get("quantity", 1 if model == "PerUnit" and kind != "Usage" else None),
        "uom": given.get("uom", "Each" if model != "FlatFee" else None),
        "tiers": given.get("tiers"),
        "discountPercentage": given.get("discount"),
        "billingDay": "DefaultFromCustomer",
        "triggerEvent": "ContractEffective",
        "endDateCondition": "One_Time" if kind == "OneTime" else "Subscription_End",
        "effectiveStartDate": start.isoformat(),
        "effectiveEndDate": end and end.isoformat(),
        "chargedThroughDate": given.get("billedTo"),
        "processedThroughDate": given.get("billedTo"),
    }
    if kind != "OneTime":
        charge |= {
            "billingPeriod": given.get("period", "Month"),
            "billingTiming": "IN_ARREARS" if kind == "Usage" else given.get("timing", "IN_ADVANCE"),
            "billingPeriodAlignment": "AlignToCharge",
            "listPriceBase": "Per_Billing_Period",
        }
    if "discount" in given:
        charge |= {"discountLevel": "subscription", "applyDiscountTo": "ONETIMERECURRINGUSAGE"}
    return {name: value for name, value in {**charge, **own}.items() if value is not None}


def _model(given: Document, kind: str) -> str:
    if "discount" in given:
        return "DiscountPercentage"
    if "tiers" in given:
        return "Tiered"
    return "PerUnit" if kind == "Usage" or "quantity" in given or "uom" in given else "FlatFee"


def _usage(given: Document, account: str, subscriptions: list[dict[str, Any]], today: date) -> dict[str, Any]:
    """A usage record; of the first subscription's usage charge where it names none."""
    record = {"accountNumber": account, "startDateTime": today.isoformat(), **given}
    if not {"subscriptionId", "subscriptionNumber", "chargeId", "chargeNumber"} & given.keys():
        for subscription in subscriptions:
            plans = [plan for plan in subscription["ratePlans"] if isinstance(plan, Mapping)]
            charges = [each for plan in plans for each in plan.get("ratePlanCharges", ())]
            for charge in charges:
                fits = given.get("uom", charge.get("uom")) == charge.get("uom")
                if charge.get("type") == "Usage" and fits and "number" in charge:
                    named = {"subscriptionNumber": subscription.get("subscriptionNumber")}
                    return {**record, "uom": charge.get("uom"), **named, "chargeNumber": charge["number"]}
    return record


def _check_names(given: Document, known: Iterable[str], path: str) -> None:
    """Refuse names that look like a mistyped short name. Other names may be of v1, or custom fields."""
    names = list(known)
    for name in given:
        if name not in names and not name.endswith("__c"):
            near = nearest(name, names, _CLOSE)
            if near is not None:
                raise Refused(f"{path}.{name} is not known; did you mean {near}?", field=f"{path}.{name}", near=near)


def _check_is_no_charge(given: Document, path: str) -> None:
    """Refuse a charge's field next to a list of charges, because its charge is unknown."""
    for name in given:
        if name in _CHARGE and name not in _SUBSCRIPTION:
            told = f"{path}.{name} is a field of a charge, and there is a list of charges: give it in the charges"
            raise Refused(told, field=f"{path}.{name}")


def _mapping(value: object, path: str) -> Document:
    if not isinstance(value, Mapping):
        raise Refused(f"{path} is not an object", field=path)
    return value


def _list(given: Document, name: str, path: str = "") -> list[Any]:
    place = f"{path}.{name}" if path else name
    found = given.get(name, [])
    if not isinstance(found, list):
        raise Refused(f"{place} is not a list", field=place)
    return found


def _mappings(given: Document, name: str) -> list[Document]:
    return [_mapping(each, f"{name}[{index}]") for index, each in enumerate(_list(given, name))]


def _day(given: Document, name: str, path: str) -> date | None:
    if given.get(name) is None:
        return None
    try:
        found: date = day(given[name])
    except FieldProblem as problem:
        raise Refused(f"{path}.{name} {problem.reason}", field=f"{path}.{name}") from problem
    return found


def _whole(given: Document, name: str, path: str) -> int:
    try:
        months = whole(given[name])
    except FieldProblem as problem:
        raise Refused(f"{path}.{name} {problem.reason}", field=f"{path}.{name}") from problem
    if not 1 <= months <= 1200:
        raise Refused(f"{path}.{name} is {months}; a term must have 1 to 1200 months", field=f"{path}.{name}")
    return int(months)


def _later(start: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        raise Refused(f"a term of {months} months from {start} ends after the year 9999", field="term")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
