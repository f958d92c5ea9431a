"""The cause of each difference between their answer and our preview, from a closed list, with its evidence.

The causes are tested in this order, and the first match is used:

    changed after recording   the recording's own data give their answer, or the subscription was updated later
    a rule, the time zone     with another value these differences disappear, without new ones here or elsewhere
    tax rate                  the gross amounts are equal, only the split of net and tax differs
    missing segment or usage  theirs has a charge, days, or a used quantity that the data lack
    changed after recording   a charge, a price, a quantity, a discount or usage that only the data have
    unknown
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from soapsvc.engine.account import Charge
from soapsvc.parity.comparison import EXTRA, MISSING, REFUSED, Comparison, Difference
from soapsvc.parity.recording import Item
from soapsvc.parity.trials import Switch, Trial
from soapsvc.tenant import TenantSettings


class Cause(StrEnum):
    """The closed list of causes."""

    RULE = "rule"
    TIME_ZONE = "time zone"
    TAX_RATE = "tax rate"
    MISSING_DATA = "missing segment or usage"
    CHANGED = "changed after recording"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference with its probable cause and the evidence, in the same words for differences of one origin."""

    difference: Difference
    cause: Cause
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One differing preview: its trial, its differences, and the trial of the recording's own data if there is one."""

    trial: Trial
    comparison: Comparison
    recorded: Trial | None = None


Keeps = Callable[[Switch], bool]
"""Whether a switch breaks no preview that agrees."""


def explained(case: Case, settings: TenantSettings, switches: Sequence[Switch], keeps: Keeps) -> list[Explained]:
    """Each difference of a preview with its cause; `switches` are those that its preview reads."""
    left = list(case.comparison.differences)
    found: list[Explained] = []
    for explain in (_by_recorded_data(case, settings), _by_switches(case, settings, switches, keeps)):
        for cause, why, gone in explain:
            found += [Explained(each, cause, why) for each in left if each in gone]
            left = [each for each in left if each not in gone]
    later = _updated_later(case)
    charges = _Charges(case)
    for each in left:
        number = each.item.subscription_number if each.item is not None else ""
        if number in later:
            why = f"subscription {number} was updated after the recording, at {later[number]:%Y-%m-%d %H:%M}"
            found.append(Explained(each, Cause.CHANGED, why))
        else:
            found.append(Explained(each, *charges.cause(each)))
    return found


Gone = tuple[Cause, str, Sequence[Difference]]


def _by_recorded_data(case: Case, settings: TenantSettings) -> Iterator[Gone]:
    """Differences that disappear with the recording's data: the tenant has changed since."""
    if case.recorded is not None:
        gone = _gone(case.comparison, case.recorded.compared(settings))
        if gone:
            yield Cause.CHANGED, "the tenant's data have changed; with the recording's data ours agrees", gone


def _by_switches(case: Case, settings: TenantSettings, switches: Sequence[Switch], keeps: Keeps) -> Iterator[Gone]:
    """The switches that remove differences, the most effective one first."""
    before = case.trial.loss(settings)
    found: list[tuple[int, int, Switch, list[Difference]]] = []
    for switch in switches:
        switched = switch.apply(settings)
        if case.trial.loss(switched) < before and (gone := _gone(case.comparison, case.trial.compared(switched))):
            found.append((-len(gone), len(found), switch, gone))
    for _, _, switch, gone in sorted(found, key=lambda entry: entry[:2]):
        if keeps(switch):
            is_zone = switch.knob.field == "time_zone"
            yield Cause.TIME_ZONE if is_zone else Cause.RULE, str(switch), gone


def _gone(before: Comparison, after: Comparison) -> list[Difference]:
    """The differences that disappeared; empty where new ones appeared."""
    keys = {_key(each) for each in after.differences}
    if not keys <= {_key(each) for each in before.differences}:
        return []
    return [each for each in before.differences if _key(each) not in keys]


def _key(difference: Difference) -> object:
    """The identity of a difference under other rules: their item, or ours where they have none."""
    return difference.theirs or difference.ours or difference.kinds


def _updated_later(case: Case) -> dict[str, datetime]:
    """The subscriptions that were updated after the recording, and when."""
    recorded_at = case.trial.sample.preview.recorded_at
    found = {}
    for document in case.trial.sample.data.subscriptions:
        for key in ("updateTime", "updatedDate", "UpdatedDate"):
            moment = _moment(document.get(key))
            if recorded_at is not None and moment is not None and moment > recorded_at:
                found[str(document.get("subscriptionNumber") or document.get("name"))] = moment
    return found


def _moment(value: object) -> datetime | None:
    """An instant; one without an offset cannot be compared with that of a recording."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


class _Charges:
    """The differences by charge, with the charge's data."""

    def __init__(self, case: Case) -> None:
        self._segments: dict[str, list[Charge]] = {}
        for subscription in case.trial.account.subscriptions:
            for charge in subscription.charges:
                self._segments.setdefault(charge.number, []).append(charge)
        self._items = case.trial.items
        self._theirs = {item.charge_number for item in case.trial.items}
        self._differences: dict[str, list[Difference]] = {}
        for each in case.comparison.differences:
            if each.item is not None:
                self._differences.setdefault(each.item.charge_number, []).append(each)

    def cause(self, difference: Difference) -> tuple[Cause, str]:
        """The cause of a difference that no setting removes."""
        item = difference.item
        if item is None or REFUSED in difference.kinds:
            return Cause.UNKNOWN, difference.refusal
        segments = self._segments.get(item.charge_number)
        if segments is None:
            return Cause.MISSING_DATA, f"the data have no charge {item.charge_number}"
        if MISSING in difference.kinds:
            return self._of_missing(item, segments)
        if EXTRA in difference.kinds:
            return self._of_extra(item)
        return self._of_pair(item, difference)

    def _of_missing(self, item: Item, segments: Sequence[Charge]) -> tuple[Cause, str]:
        number = item.charge_number
        starts = [each.effective_start_date for each in segments if each.effective_start_date is not None]
        if starts and item.start < min(starts):
            return Cause.MISSING_DATA, f"the data have no segment of {number} before {min(starts)}"
        if item.charge_type == "Usage":
            return Cause.MISSING_DATA, f"the data have no usage of {number} for this period"
        if self._is_divided(number, EXTRA):
            return Cause.MISSING_DATA, f"theirs divides {number} where the data have other segments"
        return Cause.MISSING_DATA, f"the data have no segment of {number} that is billed from {item.start} on"

    def _of_extra(self, item: Item) -> tuple[Cause, str]:
        number = item.charge_number
        if number not in self._theirs:
            what = "discount" if item.processing_type == "Discount" else "charge"
            return Cause.CHANGED, f"theirs has no {what} {number}: it was added, or came into force, later"
        if item.charge_type == "Usage":
            return Cause.CHANGED, f"usage of {number} came after the recording"
        if self._is_divided(number, MISSING):
            return Cause.MISSING_DATA, f"theirs divides {number} where the data have other segments"
        return Cause.CHANGED, f"theirs bills {number} for fewer days than the data say"

    def _of_pair(self, item: Item, difference: Difference) -> tuple[Cause, str]:
        ours, number = difference.ours, item.charge_number
        if ours is None or difference.theirs is None:
            return Cause.UNKNOWN, ""
        theirs = difference.theirs
        if theirs.tax is not None and theirs.gross == ours.gross and theirs.amount != ours.amount:
            return Cause.TAX_RATE, f"their tax of {number} is {_percent(theirs)}, ours {_percent(ours)}"
        if "dates" in difference.kinds:
            return Cause.MISSING_DATA, f"theirs divides {number} where the data have other segments"
        if theirs.quantity is not None and theirs.quantity != ours.quantity:
            return self._of_quantity(theirs, ours)
        if "amount" in difference.kinds:
            return self._of_amount(number)
        if difference.kinds == ("tax",):
            return Cause.TAX_RATE, f"their tax of {number} is {_percent(theirs)}, ours {_percent(ours)}"
        return Cause.CHANGED, f"{number} is shown by another {' and '.join(difference.kinds)}"

    def _of_quantity(self, theirs: Item, ours: Item) -> tuple[Cause, str]:
        number, their, our = theirs.charge_number, theirs.quantity or 0, ours.quantity or 0
        if theirs.charge_type != "Usage":
            return Cause.CHANGED, f"the quantity of {number} was {their}, the data have {our}"
        if their > our:
            return Cause.MISSING_DATA, f"the data lack usage of {number}"
        return Cause.CHANGED, f"usage of {number} came after the recording"

    def _is_divided(self, number: str, *kinds: str) -> bool:
        """Whether the two sides have different days for a charge, or one side lacks items of it."""
        return any(not {"dates", *kinds}.isdisjoint(each.kinds) for each in self._differences[number])

    def _first_other(self, number: str) -> date | None:
        """The day from which on items of a charge differ, where earlier ones are equal."""
        differing = [each.theirs for each in self._differences[number] if each.theirs is not None]
        first = min(item.start for item in differing)
        earlier = [item for item in self._items if item.charge_number == number and item.end <= first]
        return first if earlier else None

    def _of_amount(self, number: str) -> tuple[Cause, str]:
        """The cause of a different amount on equal days: with another price, all periods differ by the same ratio."""
        if self._is_divided(number, MISSING, EXTRA):
            return Cause.MISSING_DATA, f"theirs divides {number} where the data have other segments"
        if (day := self._first_other(number)) is not None:
            return Cause.MISSING_DATA, f"theirs bills {number} at another price from {day} on: a segment is missing"
        pairs = [(each.theirs, each.ours) for each in self._differences[number]]
        shares = {
            Fraction(their.gross) / Fraction(our.gross)
            for their, our in pairs
            if their is not None
            and our is not None
            and our.gross
            and (their.end - their.start) == (our.end - our.start)
        }
        if not shares:
            return Cause.CHANGED, f"the price of {number} was zero and is not any more, or the reverse"
        if max(shares) - min(shares) <= _LIKE:
            share = float(sum(shares) / len(shares))
            return Cause.CHANGED, f"the price of {number} differs: theirs is {share:.2%} of that of the data"
        return Cause.UNKNOWN, f"the amounts of {number} do not differ by one common share"


_LIKE = Fraction(3, 200)
"""The tolerance of ratios, for differences of cents."""


def _percent(item: Item) -> str:
    """The tax of an item in percent of its net."""
    if not item.amount or item.tax is None:
        return "none"
    return f"about {float(item.tax / item.amount):.1%}" if item.tax else "none"
