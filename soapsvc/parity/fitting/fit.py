"""Find the settings under which our answers are the vendor's: rules, rounding, time zone and tax rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from soapsvc.engine.account import ZERO, TaxRate
from soapsvc.parity.fitting.findings import Finding, Standing, findings
from soapsvc.parity.fitting.search import Search, Told
from soapsvc.parity.fitting.tax import Slack, slack_of, tax_rates_of
from soapsvc.parity.recording import Item
from soapsvc.parity.trials import (
    Bench,
    Knob,
    Loss,
    Sample,
    Trial,
    rounding_knobs,
    rule_knobs,
    total,
    zone_knob,
    zones_of,
)
from soapsvc.parity.trials.moments import moments_of
from soapsvc.tenant.formats import TenantSettings

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """The result of a fit: the settings, a finding for each, and the losses under them.

    `before` and `after` are the losses of each preview under the former and under the new settings.
    `new_rates` says that the tax rates are the fit's own.
    """

    base: TenantSettings
    best: TenantSettings
    findings: Sequence[Finding]
    before: Sequence[Loss]
    after: Sequence[Loss]
    accounts: Sequence[str]
    new_rates: bool

    @property
    def agreeing(self) -> int:
        """How many previews agree under the settings found."""
        return sum(not loss.items for loss in self.after)

    def of(self, standing: Standing) -> list[Finding]:
        """The findings of one standing."""
        return [each for each in self.findings if each.standing is standing]


def fit(
    samples: Sequence[Sample], base: TenantSettings, *, processes: int = 1, told: Told = lambda _what, _items: None
) -> Fit:
    """The settings that reproduce most of the samples, starting from `base`.

    Raises FieldProblem for unreadable data.
    """
    moments = [moment for sample in samples for moment in moments_of(sample.data)]
    zones = zones_of([sample.preview for sample in samples], moments, base.time_zone)
    start = base if base.time_zone in zones.distinct else replace(base, time_zone=zones.distinct[0])
    with Bench(samples, start, processes) as bench:
        knobs = [*rule_knobs(), *rounding_knobs(_by_currency(bench), start), zone_knob(zones, start)]
        (before,) = bench.losses([base])
        best, new_rates = _searched(bench, knobs, start, told)
        found, after = findings(bench, knobs, base, best, zones)
        accounts = [trial.sample.preview.account for trial in bench.trials]
        return Fit(base, best, found, before, after, accounts, new_rates)


def _searched(bench: Bench, knobs: Sequence[Knob], start: TenantSettings, told: Told) -> tuple[TenantSettings, bool]:
    """The best settings, and whether their tax rates are new: given rates are kept if they reproduce as much.

    The rules decide how net and tax are rounded, and are unknown at first. So rates are computed again once rules are
    known.
    """
    given = Search(bench, knobs, start, told)
    rates = _rates(bench, None)
    if start.tax_rates or not rates:
        given.run()
    if not rates or (start.tax_rates and not total(given.losses).items):
        return given.best, False
    own = Search(bench, knobs, replace(given.best, tax_rates=rates), told)
    for _ in range(_ROUNDS):
        own.run()
        if not total(own.losses).items:
            break
        again = Search(bench, knobs, replace(own.best, tax_rates=_rates(bench, own.best)), told)
        if total(again.losses) >= total(own.losses):
            break
        own = again
    is_better = not start.tax_rates or total(own.losses) < total(given.losses)
    return (own if is_better else given).best, is_better


def _rates(bench: Bench, settings: TenantSettings | None) -> tuple[TaxRate, ...]:
    """The tax rates in the samples, with the rounding of some settings."""

    def slack(trial: Trial) -> Slack:
        rules = settings.rules_for(trial.currency) if settings is not None else None
        return slack_of(rules, max(map(_places, trial.items), default=2))

    return tax_rates_of((trial.account, trial.items, slack(trial)) for trial in bench.trials)


def _places(item: Item) -> int:
    return max(0, -int(item.amount.as_tuple().exponent), -int((item.tax or ZERO).as_tuple().exponent))


def _by_currency(bench: Bench) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for trial in bench.trials:
        for currency, items in trial.items_by_currency().items():
            found.setdefault(currency, []).extend(items)
    return found
