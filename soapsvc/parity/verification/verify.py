"""Compare recordings with our previews, and find the cause of each difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from soapsvc.engine.account import ZERO
from soapsvc.parity.comparison import Difference
from soapsvc.parity.recording import Item
from soapsvc.parity.trials import NO_LOSS, Knob, Loss, Switch, Trial, rounding_knobs, rule_knobs, zone_knob, zones_of
from soapsvc.parity.verification.causes import Case, explained
from soapsvc.parity.verification.loading import Loaded, Unusable
from soapsvc.parity.verification.verdict import Money, PreviewVerdict, Verdict
from soapsvc.tenant import TenantSettings
from soapsvc.tenant.reading import FieldProblem

Told = Callable[[str, int, int | None], None]
"""A function that gets the current step, the amount done, and the total where that is known."""


def verify(
    samples: Iterable[Loaded | Unusable],
    settings: TenantSettings,
    allowed: frozenset[str] = frozenset(),
    told: Told = lambda _what, _done, _of: None,
) -> Verdict:
    """Compare their answers with our previews under these settings."""
    unusable: list[Unusable] = []
    cases: list[Case] = []
    for done, each in enumerate(samples, start=1):
        if isinstance(each, Unusable):
            unusable.append(each)
            continue
        try:
            cases.append(_case(each, settings))
        except FieldProblem as problem:
            unusable.append(Unusable(each.sample.preview, f"its data cannot be read: {problem}"))
        told("Comparing", done, None)
    previews = _verdicts(cases, settings, told)
    units = {currency: _unit(settings, currency) for case in cases for currency in case.trial.items_by_currency()}
    return Verdict(tuple(previews), tuple(unusable), allowed, units, tuple(_sums(cases)))


def _case(each: Loaded, settings: TenantSettings) -> Case:
    trial = Trial(each.sample, settings)
    comparison = trial.compared(settings, explain=True)
    if comparison.agrees or each.recorded is None:
        return Case(trial, comparison)
    own = Trial(type(each.sample)(each.sample.preview, each.recorded, each.sample.catalog), settings)
    return Case(trial, comparison, own)


def _unit(settings: TenantSettings, currency: str) -> Decimal:
    """The smallest amount of money in a currency."""
    rules = settings.rules_for(currency)
    return rules.rounding_increment or Decimal(1).scaleb(-rules.decimals)


def _verdicts(cases: Sequence[Case], settings: TenantSettings, told: Told) -> Iterable[PreviewVerdict]:
    switches = _Switches(cases, settings)
    failing = sum(not case.comparison.agrees for case in cases)
    done = 0
    for case in cases:
        preview = case.trial.sample.preview
        facts = (preview.account, preview.name, preview.request.target_date.isoformat(), case.comparison)
        if case.comparison.agrees:
            yield PreviewVerdict(*facts)
            continue
        done += 1
        told("Looking for causes", done, failing)
        found = explained(case, settings, switches.of(case.trial), switches.keeps)
        currencies = tuple(case.trial.currency_of(_number(each.difference)) for each in found)
        yield PreviewVerdict(*facts, tuple(found), currencies)


def _number(difference: Difference) -> str:
    return difference.item.subscription_number if difference.item is not None else ""


class _Switches:
    """The possible switches, and whether each breaks an agreeing preview; each switch is tried on all only once."""

    def __init__(self, cases: Sequence[Case], settings: TenantSettings) -> None:
        self._settings = settings
        self._agreeing = [case.trial for case in cases if case.comparison.agrees]
        self._known: dict[Switch, bool] = {}
        self._knobs: list[Knob] = []
        if len(self._agreeing) < len(cases):
            trials = [case.trial for case in cases]
            items: dict[str, list[Item]] = {}
            for trial in trials:
                for currency, found in trial.items_by_currency().items():
                    items.setdefault(currency, []).extend(found)
            moments = [moment for trial in trials for moment in trial.moments]
            zones = zones_of([trial.sample.preview for trial in trials], moments, settings.time_zone)
            self._knobs = [*rule_knobs(), *rounding_knobs(items, settings), zone_knob(zones, settings)]

    def of(self, trial: Trial) -> list[Switch]:
        """The switches of what a trial reads."""
        reads = trial.reads(self._settings)
        return [
            Switch(knob, value)
            for knob in self._knobs
            if (trial.moments if knob.field == "time_zone" else knob.is_read(reads))
            for value in knob.others(self._settings)
        ]

    def keeps(self, switch: Switch) -> bool:
        """Whether a switch breaks no preview that agrees."""
        known = self._known.get(switch)
        if known is None:
            switched = switch.apply(self._settings)
            known = self._known[switch] = all(_agrees(trial.loss(switched)) for trial in self._agreeing)
        return known


def _agrees(loss: Loss) -> bool:
    return loss == NO_LOSS or not loss.items


def _sums(cases: Sequence[Case]) -> Iterable[Money]:
    """Money by currency: the sum of theirs, and the sum of the differences."""
    theirs: dict[str, Decimal] = {}
    apart: dict[str, list[Decimal]] = {}
    for case in cases:
        for currency, items in case.trial.items_by_currency().items():
            theirs[currency] = sum((item.gross for item in items), theirs.get(currency, ZERO))
        for difference in case.comparison.differences:
            apart.setdefault(case.trial.currency_of(_number(difference)), []).append(difference.money)
    for currency, money in sorted(theirs.items()):
        moves = apart.get(currency, [])
        yield Money(currency, money, money + sum(moves, ZERO), sum(map(abs, moves), ZERO))
