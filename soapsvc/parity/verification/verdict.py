"""The outcome of a verification: the agreeing share by account, item and money; and every difference by its cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from soapsvc.engine.account import ZERO
from soapsvc.parity.comparison import KINDS, Comparison, Difference
from soapsvc.parity.verification.causes import Cause, Explained
from soapsvc.parity.verification.loading import Unusable

CENT = "cent"
ALLOWED = (*KINDS, *(cause.value.replace(" ", "-") for cause in Cause), CENT)
"""The words that can be allowed: kinds of differences, causes, and differences of one smallest unit of money."""


@dataclass(frozen=True, slots=True)
class PreviewVerdict:
    """One recorded preview: the account, the comparison, and each difference with its cause and currency."""

    account: str
    name: str
    target_date: str
    comparison: Comparison
    differences: tuple[Explained, ...] = ()
    currencies: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Group:
    """Differences of one origin, with the currency of their money."""

    cause: Cause
    why: str
    currency: str
    differences: tuple[Explained, ...]
    accounts: tuple[str, ...]

    @property
    def money(self) -> Decimal:
        """The sum of their absolute amounts."""
        return sum((abs(each.difference.money) for each in self.differences), ZERO)

    @property
    def net(self) -> Decimal:
        """The sum of our amounts less theirs."""
        return sum((each.difference.money for each in self.differences), ZERO)


@dataclass(frozen=True, slots=True)
class Rate:
    """A number out of a total."""

    agreeing: int
    of: int

    def __str__(self) -> str:
        return f"{self.agreeing:,} of {self.of:,}{f' ({self.agreeing / self.of:.2%})' if self.of else ''}"


@dataclass(frozen=True, slots=True)
class Money:
    """Money of one currency: theirs, ours, and the sum of the absolute differences."""

    currency: str
    theirs: Decimal
    ours: Decimal
    differing: Decimal

    @property
    def share(self) -> float:
        """The agreeing share of their money, 0 to 1."""
        if not self.theirs:
            return 0.0 if self.differing else 1.0
        return max(0.0, 1 - float(self.differing / abs(self.theirs)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole verification. `allowed` are words of ALLOWED: differences of these kinds or causes do not count."""

    previews: tuple[PreviewVerdict, ...]
    unusable: tuple[Unusable, ...] = ()
    allowed: frozenset[str] = frozenset()
    smallest_units: dict[str, Decimal] = field(default_factory=dict)
    sums: tuple[Money, ...] = ()

    @property
    def accounts(self) -> Rate:
        """How many accounts agree in all their previews."""
        names = {each.account for each in self.previews}
        wrong = {each.account for each in self.previews if not each.agrees}
        return Rate(len(names) - len(wrong), len(names))

    @property
    def agreeing(self) -> Rate:
        """How many previews agree."""
        return Rate(sum(each.agrees for each in self.previews), len(self.previews))

    @property
    def items(self) -> Rate:
        """How many items agree."""
        equal = sum(each.comparison.equal for each in self.previews)
        return Rate(equal, sum(each.comparison.items for each in self.previews))

    @property
    def left_out(self) -> int:
        """How many items were not compared, because a partial recording has no data of their charges."""
        return sum(each.comparison.left_out for each in self.previews)

    @property
    def groups(self) -> list[Group]:
        """The differences by origin, the largest amounts first."""
        found: dict[tuple[Cause, str, str], list[tuple[str, Explained]]] = {}
        for preview in self.previews:
            for each, currency in zip(preview.differences, preview.currencies, strict=True):
                found.setdefault((each.cause, each.why, currency), []).append((preview.account, each))
        groups = [
            Group(*key, tuple(each for _, each in entries), tuple(dict.fromkeys(account for account, _ in entries)))
            for key, entries in found.items()
        ]
        return sorted(groups, key=lambda group: (-group.money, -len(group.differences), group.why))

    @property
    def counting(self) -> int:
        """How many differences count: those that are not allowed."""
        return sum(
            not self._is_allowed(each, currency)
            for preview in self.previews
            for each, currency in zip(preview.differences, preview.currencies, strict=True)
        )

    @property
    def passes(self) -> bool:
        """Whether the verification passes: something was compared, and no difference counts."""
        return bool(self.previews) and not self.counting and not self.unusable

    def _is_allowed(self, each: Explained, currency: str) -> bool:
        if each.cause.value.replace(" ", "-") in self.allowed:
            return True
        if CENT in self.allowed and _is_cent(each.difference, self.smallest_units.get(currency, Decimal("0.01"))):
            return True
        return set(each.difference.kinds) <= self.allowed


def _is_cent(difference: Difference, unit: Decimal) -> bool:
    """Whether two items differ only in money, and by at most one smallest unit."""
    kinds: Collection[str] = difference.kinds
    return set(kinds) <= {"amount", "tax"} and abs(difference.money) <= unit


def by_cause(groups: Iterable[Group]) -> list[tuple[Cause, int]]:
    """How many differences each cause has, most first."""
    counts: dict[Cause, int] = {}
    for group in groups:
        counts[group.cause] = counts.get(group.cause, 0) + len(group.differences)
    return sorted(counts.items(), key=lambda entry: -entry[1])


Previews = Sequence[PreviewVerdict]
