"""Renewals that have happened: the subscription in its new term, with its charges extended to that term's end.

    term 1            E               E + renewal term
      |--- 100 a month ---|--- 110 a month ---|      a price change ends the segment, and the next one begins

Sources: "Renewal of subscriptions", "Automated price change (uplift) for renewed subscriptions", "Date attributes for
product rate plan charges" (a charge that ends by itself is uncapped when the term is extended), observed previews:
periods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from soapsvc.engine.account import (
    CatalogCharge,
    Charge,
    ChargeModel,
    ChargeType,
    Subscription,
    TermType,
    parse,
    squeeze,
)
from soapsvc.engine.lifecycle.segment_ids import segment_id
from soapsvc.engine.pricing import changes_price, priced_segments
from soapsvc.engine.schedule import (
    FIRST_TERM_FROM,
    FOREVER,
    RENEWED_FROM,
    Terms,
    first_starts,
    followers,
    is_billed_by_terms,
    own_end,
    segment_order,
    start_of,
)


def renewed(subscription: Subscription, terms: Terms, catalog: Mapping[str, CatalogCharge]) -> Subscription:
    """The subscription in the last of `terms`, which hold at least one renewal.

    Renewed to evergreen, it has no term end. It keeps the start of its last term, because billing periods may be
    counted from it. The id of a new segment is derived from the segment that it continues.
    """
    going_on = {id(charge) for charge in _going_on(subscription, terms.current_end)}
    starts = first_starts(subscription.charges)
    charges: list[Charge] = []
    for charge in subscription.charges:
        first = charge.original_effective_start_date or starts.get(charge.number)
        charges += _charges(charge, first, terms, catalog) if id(charge) in going_on else [charge]
    if terms.end == FOREVER:
        return replace(
            subscription,
            charges=tuple(charges),
            term_type=TermType.EVERGREEN.value,
            term_end_date=None,
            subscription_end_date=None,
        )
    ended = subscription.subscription_end_date == subscription.term_end_date
    return replace(
        subscription,
        charges=tuple(charges),
        attributes=_anchored(subscription, terms),
        term_start_date=terms.starts[-1],
        term_end_date=terms.end,
        subscription_end_date=terms.end if ended else subscription.subscription_end_date,
    )


def _anchored(subscription: Subscription, terms: Terms) -> Mapping[str, object]:
    """The attributes, with the term end from which renewals count where month ends would drift otherwise."""
    if RENEWED_FROM in subscription.attributes or terms.current_end.day <= 28:
        return subscription.attributes
    return {**subscription.attributes, RENEWED_FROM: terms.current_end}


def _going_on(subscription: Subscription, term_end: date) -> Iterator[Charge]:
    """The segments that last to the end of the term and are extended with it."""
    found: dict[str, list[Charge]] = {}
    for charge in subscription.charges:
        if charge.effective_start_date is not None:
            found.setdefault(charge.number, []).append(charge)
    for segments in found.values():
        ordered = sorted(segments, key=segment_order)
        for charge, follower in zip(ordered, followers(ordered, term_end), strict=True):
            lasts = follower is None and (charge.effective_end_date or FOREVER) >= term_end
            if lasts and not charge.removed and squeeze(charge.type) != squeeze(ChargeType.ONE_TIME):
                yield charge


def _of_first_term(charge: Charge, term_start: date) -> Charge:
    """The segment with the start of its first term, kept where periods are terms: a part of that term costs a part."""
    if not is_billed_by_terms(charge) or FIRST_TERM_FROM in charge.attributes or start_of(charge) <= term_start:
        return charge
    return replace(charge, attributes={**charge.attributes, FIRST_TERM_FROM: term_start})


def _charges(
    charge: Charge, first: date | None, terms: Terms, catalog: Mapping[str, CatalogCharge]
) -> Iterator[Charge]:
    """The segment up to its end in the new term; several segments where a renewal changes its price.

    `first` is the start of the charge's first segment, which anchors the periods of new ones too.
    """
    if terms.end == FOREVER and is_billed_by_terms(charge):
        yield charge
        return
    charge = _of_first_term(charge, terms.starts[0])
    bounds = [each for each in (own_end(charge), terms.end) if each is not None and each < FOREVER]
    end = min(bounds, default=None)
    start = start_of(charge)
    fixed = parse(ChargeModel, charge.model, "model") is ChargeModel.DISCOUNT_FIXED_AMOUNT
    changing = not fixed and changes_price(charge)
    pieces = priced_segments(charge, start, end or FOREVER, terms, catalog) if changing else [(charge, start, end)]
    for position, (priced, begins, _) in enumerate(pieces):
        ends = pieces[position + 1][1] if position + 1 < len(pieces) else end
        if position == 0:
            yield replace(priced, effective_end_date=ends)
            continue
        yield replace(
            priced,
            attributes={name: value for name, value in priced.attributes.items() if name != FIRST_TERM_FROM},
            id=segment_id(charge, begins),
            original_charge_id=charge.original_charge_id or charge.id,
            segment=(charge.segment or 1) + position,
            original_effective_start_date=first,
            effective_start_date=begins,
            effective_end_date=ends,
            charged_through_date=None,
            processed_through_date=None,
            billed_amount_in_period=None,
            billed_quantity_in_period=None,
        )
