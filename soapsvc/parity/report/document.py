"""A verification as plain values: the content of `--format json` and of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from soapsvc.parity.comparison import Difference
from soapsvc.parity.recording import Item
from soapsvc.parity.verification import Explained, Group, Rate, Verdict
from soapsvc.wire import decimal_text

Value = Mapping[str, object]
_DAY = timedelta(days=1)


def verdict_document(verdict: Verdict) -> dict[str, object]:
    """The whole verification; amounts are texts, so that no reader turns them into floats."""
    return {
        "agrees": verdict.passes,
        "accounts": _rate(verdict.accounts),
        "previews": _rate(verdict.agreeing),
        "items": _rate(verdict.items),
        "itemsLeftOut": verdict.left_out,
        "money": [
            {
                "currency": each.currency,
                "theirs": decimal_text(each.theirs),
                "ours": decimal_text(each.ours),
                "differing": decimal_text(each.differing),
                "agreeingShare": round(each.share, 6),
            }
            for each in verdict.sums
        ],
        "differences": sum(len(each.differences) for each in verdict.previews),
        "differencesThatCount": verdict.counting,
        "allowed": sorted(verdict.allowed),
        "groups": [_group(verdict, group) for group in verdict.groups],
        "unusable": [
            {"account": each.preview.account, "recording": each.preview.name, "reason": each.reason}
            for each in verdict.unusable
        ],
    }


def _rate(rate: Rate) -> Value:
    return {"agreeing": rate.agreeing, "of": rate.of}


def _group(verdict: Verdict, group: Group) -> Value:
    return {
        "cause": group.cause.value,
        "why": group.why,
        "currency": group.currency,
        "money": decimal_text(group.money),
        "net": decimal_text(group.net),
        "accounts": list(group.accounts),
        "differences": list(_differences(verdict, group)),
    }


def _differences(verdict: Verdict, group: Group) -> Iterator[Value]:
    wanted = {id(each) for each in group.differences}
    for preview in verdict.previews:
        for each in preview.differences:
            if id(each) in wanted:
                facts = {"account": preview.account, "recording": preview.name, "targetDate": preview.target_date}
                yield {**facts, **_difference(each)}


def _difference(each: Explained) -> Value:
    found: Difference = each.difference
    lines = list(found.trace.lines()) if found.trace is not None else []
    return {
        "kinds": list(found.kinds),
        "money": decimal_text(found.money),
        "theirs": None if found.theirs is None else item_document(found.theirs),
        "ours": None if found.ours is None else item_document(found.ours),
        "explanation": lines,
        **({"refusal": found.refusal} if found.refusal else {}),
    }


def item_document(item: Item) -> Value:
    """An item by its REST names; fields that the answer lacks are absent."""
    told = {
        "subscriptionNumber": item.subscription_number,
        "chargeNumber": item.charge_number,
        "chargeName": item.charge_name,
        "chargeType": item.charge_type,
        "processingType": item.processing_type,
        "serviceStartDate": item.start.isoformat(),
        "serviceEndDate": (item.end - _DAY).isoformat(),
        "chargeAmount": decimal_text(item.amount),
        "taxAmount": None if item.tax is None else decimal_text(item.tax),
        "quantity": None if item.quantity is None else decimal_text(item.quantity),
        "documentType": item.document,
    }
    return {key: value for key, value in told.items() if value is not None}
