"""The findings of a fit for each setting: determined by the sample, undetermined, or contradicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from soapsvc.parity.fitting.deciding import deciding_account
from soapsvc.parity.trials import Bench, Knob, Loss, Switch, Trial, Zones, shown, total
from soapsvc.tenant.formats import TenantSettings

_MOST_NAMED = 5


class Standing(StrEnum):
    """Whether the sample decides a setting."""

    DETERMINED = "determined"
    UNDETERMINED = "undetermined"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One setting: its value, and whether the sample decides it.

    `was` is its value before the fit, `said` whether the settings contained it. `breaks` is the number of further
    differing items under the best other value that is not in `free`; `free` are other values with the same items.
    `where` names accounts: those that decide the value, or those that contradict it. `unless` are pairs of settings
    that are each free, but not both at once.
    """

    knob: Knob
    value: object
    was: object
    said: bool
    standing: Standing
    breaks: int = 0
    free: tuple[object, ...] = ()
    where: tuple[str, ...] = ()
    advice: str = ""
    unless: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the fit changed it."""
        return self.value != self.was


def findings(
    bench: Bench, knobs: Sequence[Knob], base: TenantSettings, best: TenantSettings, zones: Zones
) -> tuple[list[Finding], list[Loss]]:
    """The finding of each knob at the best settings, and the losses of all samples there."""
    (losses,) = bench.losses([best])
    switches = (Switch(knob, value) for knob in knobs for value in knob.others(best))
    rows = {switch: _row(bench, switch, best, losses) for switch in switches}
    found = [_finding(bench, knob, base, best, losses, rows) for knob in knobs]
    paired = _with_pairs(bench, found, best, losses)
    return [_by_the_clock(each, zones) if each.knob.field == "time_zone" else each for each in paired], losses


def _row(bench: Bench, switch: Switch, best: TenantSettings, losses: Sequence[Loss]) -> list[Loss]:
    """The losses under a switch: only what reads the setting can change."""
    places = [place for place, trial in enumerate(bench.trials) if _reads(trial, switch.knob, best)]
    row = list(losses)
    if places:
        (changed,) = bench.losses([switch.apply(best)], places)
        for place, loss in zip(places, changed, strict=True):
            row[place] = loss
    return row


def _reads(trial: Trial, knob: Knob, settings: TenantSettings) -> bool:
    return bool(trial.moments) if knob.field == "time_zone" else knob.is_read(trial.reads(settings))


def _finding(  # a finding is about all samples
    bench: Bench,
    knob: Knob,
    base: TenantSettings,
    best: TenantSettings,
    losses: Sequence[Loss],
    rows: Mapping[Switch, Sequence[Loss]],
) -> Finding:
    own = {switch.value: row for switch, row in rows.items() if switch.knob == knob}
    facts = (knob, knob.value(best), knob.value(base), knob.is_said(base))
    against = [
        (place, value)
        for value, row in own.items()
        for place, (one, other) in enumerate(zip(losses, row, strict=True))
        if one.items and not other.items
    ]
    if against:
        named = dict.fromkeys(f"{_account(bench, place)} agrees with {shown(value)}" for place, value in against)
        return Finding(*facts, Standing.CONTRADICTED, where=tuple(named)[:_MOST_NAMED])
    broken = {value: _broken(losses, row) for value, row in own.items()}
    free = tuple(value for value, count in broken.items() if not count)
    harm = min((count for count in broken.values() if count), default=0)
    if not harm:
        return Finding(*facts, Standing.UNDETERMINED, free=free, advice=deciding_account(knob.field))
    where = dict.fromkeys(
        _account(bench, place)
        for row in own.values()
        for place, (one, other) in enumerate(zip(losses, row, strict=True))
        if other > one
    )
    standing = Standing.UNDETERMINED if free else Standing.DETERMINED
    advice = deciding_account(knob.field) if free else ""
    return Finding(*facts, standing, harm, free, tuple(where)[:_MOST_NAMED], advice)


_TOGETHER = (
    frozenset(
        {"bill_recurring_partial_month", "prorate_recurring_partial_period", "bill_recurring_partial_week"}
        | {"days_in_month", "proration_unit", "partial_month_denominator", "credit_method", "percent_discount_base"}
        | {"rounding_mode", "stacked_discount_class"}
    ),
    frozenset(
        {"credit_method", "credit_one_time", "credit_prorated_fixed_discount", "invoice_settlement"}
        | {"credit_memo_rule", "proration_suffixes", "use_system_default_suffix_for_credit_items"}
    ),
    frozenset(
        {"bill_usage_partial_month", "bill_usage_partial_week", "rate_usage_individually", "late_usage"}
        | {"skip_usage_without_records", "unbilled_usage", "rounding_mode", "proration_unit", "days_in_month"}
    ),
    frozenset(
        {"invoice_past_end_of_term_auto_renew_on", "invoice_past_end_of_term_auto_renew_off"}
        | {"ignore_past_end_of_term_when_charge_ends_by_term_end", "prorate_recurring_partial_period"}
        | {"bill_recurring_partial_month", "proration_unit", "days_in_month"}
    ),
)
"""Settings that act on the same amounts: only two of these can be free separately but not both at once."""


def _act_together(one: Knob, other: Knob) -> bool:
    return one != other and any({one.field, other.field} <= group for group in _TOGETHER)


def _by_the_clock(finding: Finding, zones: Zones) -> Finding:
    """The finding on the time zone from charge dates: the zones that they allow are free."""
    if zones.clocked is None or finding.standing is Standing.CONTRADICTED:
        return finding
    usual = [name for name in zones.clocked if name != finding.value]
    is_told = not finding.free and len(zones.distinct) > 1
    free = () if is_told else tuple(sorted(usual))
    return replace(finding, standing=Standing.DETERMINED, free=free, advice="", where=("the charge dates",))


def _broken(losses: Sequence[Loss], row: Sequence[Loss]) -> int:
    """How many more items differ in the samples that a switch makes worse."""
    return sum(max(1, other.items - one.items) for one, other in zip(losses, row, strict=True) if other > one)


def _with_pairs(
    bench: Bench, found: Sequence[Finding], best: TenantSettings, losses: Sequence[Loss]
) -> Iterator[Finding]:
    """The findings, with pairs of settings that act on the same amounts and are not free both at once."""
    free = [(each.knob, value) for each in found for value in each.free]
    pairs = [pair for pair in combinations(free, 2) if _act_together(pair[0][0], pair[1][0])]
    unless: dict[Knob, list[str]] = {}
    for one, other in pairs:
        switched = one[0].set(best, one[1])
        both = Switch(*other)
        row = _row(bench, both, switched, losses)
        if total(row) > total(losses):
            for (knob, value), (partner, partners_value) in ((one, other), (other, one)):
                told = f"{shown(value)} together with {partner.name} = {shown(partners_value)}"
                unless.setdefault(knob, []).append(told)
    for each in found:
        yield replace(each, unless=tuple(unless.get(each.knob, [])[:_MOST_NAMED]))


def _account(bench: Bench, place: int) -> str:
    return bench.trials[place].sample.preview.account
