"""The items of one subscription, before discounts: its charges in wire order, and notes on missing items.

Sources: "Subscription statuses", "Considerations of suspend a subscription", "BillingPreviewRequest", observed
previews: periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from soapsvc.engine.account import Charge, ChargeType, Subscription, is_true_up, parse
from soapsvc.engine.charges import (
    AccountContext,
    ChargeRows,
    Context,
    RatedRows,
    UsageRead,
    billed_before,
    check,
    one_time_rows,
    recurring_charge_rows,
    usage_rows,
)
from soapsvc.engine.discounts import Discount, check_windows, discounts_of, is_discount
from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing import changes_price, follows_change
from soapsvc.engine.result import BillingDataError, Note, PreviewRequest, data_error
from soapsvc.engine.schedule import (
    Pause,
    Segment,
    awaits_term,
    by_number,
    is_billed,
    is_evergreen,
    pause_reasons,
    pause_under,
    pause_warnings,
    placed,
    stop_of,
    terms_of,
    undated,
    with_cancellation,
    with_pause,
)
from soapsvc.engine.subscription.cautions import cautions
from soapsvc.engine.subscription.item_order import charge_order, creation_time, in_order_of_use
from soapsvc.engine.subscription.prepaid_funds import with_funds
from soapsvc.engine.subscription.true_ups import settle


@dataclass(slots=True)
class SubscriptionRows:
    """The result of one subscription: charges in wire order, discounts, notes, and errors of single charges.

    `is_chosen`: the request chooses it; others are rated as well, because the account's discounts may be theirs.
    `earlier` holds the items of earlier invoices, where fixed-amount discounts have balances that they used up, also
    those of charges that the request leaves out. `is_left_out`: the request leaves out the whole subscription, so it
    has no charges; its `discounts` reduced only its earlier items. `usage` holds the usage periods that were read.
    """

    subscription: Subscription
    is_chosen: bool
    is_left_out: bool = False
    charges: list[ChargeRows] = field(default_factory=list)
    earlier: list[ChargeRows] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    usage: list[UsageRead] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    errors: list[BillingDataError] = field(default_factory=list)

    def rows(self) -> Iterator[RatedRows]:
        """The rows of all charges, in the order of their items."""
        return (RatedRows(charge, rows, self.subscription) for charge in self.charges for rows in charge.parts)

    def earlier_rows(self) -> Iterator[RatedRows]:
        """The rows of earlier invoices, charge by charge."""
        return (RatedRows(charge, rows, self.subscription) for charge in self.earlier for rows in charge.parts)


def rate_subscriptions(shared: AccountContext) -> list[SubscriptionRows]:
    """All subscriptions of an account by number, which is the order of their items."""
    ordered = sorted(shared.account.subscriptions, key=lambda subscription: subscription.subscription_number)
    return [rate_subscription(shared, subscription) for subscription in ordered]


def rate_subscription(shared: AccountContext, subscription: Subscription) -> SubscriptionRows:
    """Rates every billable charge of a subscription; a charge's error is a value in `errors`, never a missing item."""
    original, pause = subscription, pause_under(subscription, shared.request.assume_renewal)
    subscription = with_cancellation(original if pause is None else with_pause(original, pause))
    result = SubscriptionRows(subscription, shared.request.asks_for(subscription.subscription_number))
    reason = _not_billed(subscription, shared.request)
    if reason is not None:
        result.notes.append(reason)
        result.is_left_out = True
        if is_billed(subscription) and None in shared.unrecorded:
            _recall(pause, shared, result)
        return result
    result.notes += undated(original)
    if pause is not None:
        result.notes += pause_reasons(original, pause, shared.request.target_date)
        result.notes += pause_warnings(original, pause, shared.request.target_date)
    try:
        charges = by_number(subscription.charges)
        charges = in_order_of_use(charges) if shared.account.usage else charges
        context, unknown_funds = with_funds([*charges.values()], _context(subscription, pause, shared))
        result.notes += unknown_funds
    except RatingError as error:
        result.errors.append(data_error(error.of(subscription.subscription_number, None)))
        return result
    _each_charge(_rate_charge, charges, context, result)
    if shared.account.rules.commitment_true_up and not result.errors:
        _settle_commitments(charges, context, result)
    for rows in (result.charges, result.earlier):
        if len(rows) > 1:
            rows.sort(key=lambda charge: charge_order(charge.type, charge.created, charge.number))
    return result


def _recall(pause: Pause | None, shared: AccountContext, result: SubscriptionRows) -> None:
    """Adds the billed items of a subscription that the request leaves out, and the discounts that reduced them.

    What the account's fixed amounts took off these items is used up, whether the answer shows the subscription or not.
    """
    context = _context(result.subscription, pause, shared)
    _each_charge(_recall_charge, by_number(result.subscription.charges), context, result)


def _context(subscription: Subscription, pause: Pause | None, shared: AccountContext) -> Context:
    request, stop = shared.request, stop_of(subscription, pause)
    return shared.of(
        subscription,
        terms_of(subscription, request.assume_renewal, request.target_date, shared.account.rules, stop),
    )


def _each_charge(
    rate: Callable[[str, list[Charge], Context, SubscriptionRows], None],
    charges: dict[str, list[Charge]],
    context: Context,
    result: SubscriptionRows,
) -> None:
    """Rates the charges one after the other; an error of one is a value in the result's `errors`."""
    for number, segments in charges.items():
        try:
            rate(number, segments, context, result)
        except RatingError as error:
            result.errors.append(data_error(error.of(result.subscription.subscription_number, number)))


def _settle_commitments(charges: dict[str, list[Charge]], context: Context, result: SubscriptionRows) -> None:
    try:
        result.charges, unknown = settle(result.charges, [*charges.values()], context)
        result.notes += unknown
    except RatingError as error:
        result.errors.append(data_error(error.of(result.subscription.subscription_number, None)))


def _not_billed(subscription: Subscription, request: PreviewRequest) -> Note | None:
    number = subscription.subscription_number
    if not is_billed(subscription):
        return Note(
            "reason",
            "STATUS_NOT_BILLED",
            f"Subscription {number} is {subscription.status}, so it is not billed.",
            number,
        )
    if is_evergreen(subscription) and not request.including_evergreen_subscription:
        message = f"Subscription {number} is evergreen, and the request does not include evergreen subscriptions."
        return Note("reason", "EVERGREEN_LEFT_OUT", message, number)
    return None


def _rate_charge(number: str, segments: list[Charge], context: Context, result: SubscriptionRows) -> None:
    charge_type = parse(ChargeType, segments[0].type, "type")
    subject = result.subscription.subscription_number
    if is_discount(segments[0]):
        result.discounts += _discounts(segments, context)
        catalog = context.shared.account.catalog
        if context.transient and any(changes_price(each) and not follows_change(each, catalog) for each in segments):
            message = f"Discount {number} has a price change at renewal; it is assumed that its amount stays as it is."
            result.notes.append(Note("warning", "DISCOUNT_CHANGE_LEFT_OUT", message, subject, number))
        return
    if charge_type in context.shared.request.exclude:
        message = f"Charge {number} is {charge_type.value}, which the request excludes."
        result.notes.append(Note("reason", "CHARGE_TYPE_EXCLUDED", message, subject, number))
        if context.shared.may_share_a_balance(subject):
            _recall_charge(number, segments, context, result)
        return
    if (reason := _no_items(number, charge_type, segments[0], context)) is not None:
        result.notes.append(reason)
        return
    dated = _dated_segments(segments, context)
    if len(dated) < len(segments):
        message = f"Charge {number} is not billed yet: it has no effective start date, as its trigger date is unknown."
        result.notes.append(Note("reason", "UNKNOWN_TRIGGER_DATE", message, subject, number))
    created = _created(segments)
    if context.shared.has_balances:
        result.earlier.append(ChargeRows(number, charge_type, created, billed_before(charge_type, dated, context)))
    parts, notes, usage = _RATINGS[charge_type](dated, context)
    result.notes += notes
    result.usage += usage
    if parts:
        rows = ChargeRows(number, charge_type, created, parts)
        check(rows)
        result.notes += cautions(charge_type, [segment.charge for segment in dated], parts, context)
        result.charges.append(rows)


def _recall_charge(number: str, segments: list[Charge], context: Context, result: SubscriptionRows) -> None:
    """Adds what was billed of a charge whose items the answer leaves out, or reads a discount of such items."""
    charge_type = parse(ChargeType, segments[0].type, "type")
    if is_discount(segments[0]):
        result.discounts += _discounts(segments, context)
        return
    was_billed = any(segment.charged_through_date is not None for segment in segments)
    if was_billed and _no_items(number, charge_type, segments[0], context) is None:
        parts = billed_before(charge_type, _dated_segments(segments, context), context)
        result.earlier.append(ChargeRows(number, charge_type, _created(segments), parts))


def _discounts(segments: list[Charge], context: Context) -> list[Discount]:
    discounts = [each for segment in _dated_segments(segments, context) for each in discounts_of(segment, context)]
    check_windows(discounts)
    return discounts


def _no_items(number: str, charge_type: ChargeType, charge: Charge, context: Context) -> Note | None:
    """Why a charge has no items of its own, now or before: it is a true-up, or billed by a term that has not begun."""
    subject = context.subscription.subscription_number
    bills_true_up = context.shared.account.rules.commitment_true_up and charge_type is ChargeType.RECURRING
    if is_true_up(charge) and not bills_true_up:
        message = f"Charge {number} bills the unused rest of a commitment; previews leave such true-ups out."
        return Note("warning", "COMMITMENT_TRUE_UP_LEFT_OUT", message, subject, number)
    if awaits_term(charge, context.subscription):
        message = f"Charge {number} is not billed yet: it is billed by the term, and the term has not begun."
        return Note("reason", "TERM_NOT_BEGUN", message, subject, number)
    return None


def _created(segments: Sequence[Charge]) -> int:
    """The creation time of the oldest segment."""
    first = creation_time(segments[0].id)
    return first if len(segments) == 1 else min(first, *(creation_time(segment.id) for segment in segments[1:]))


def _dated_segments(segments: list[Charge], context: Context) -> list[Segment]:
    """The segments that have started or will on a known day, in their places."""
    dated = [segment for segment in segments if segment.effective_start_date is not None]
    return placed(dated, context.terms, context.shared.account.rules) if dated else []


_RATINGS = {
    ChargeType.ONE_TIME: one_time_rows,
    ChargeType.RECURRING: recurring_charge_rows,
    ChargeType.USAGE: usage_rows,
}
