"""Search the settings that reproduce the recordings: by improvement, by pairs, and by solving one preview at a time.

    one switch that improves most           until none does
      two switches at once                  rules that only show together
        all that one differing preview reads   where three and more work together on the same amount

Only rules that a differing preview reads are tried, because no other rule can change it. A switch must lower the loss
of all samples together. At the end every unneeded switch is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from soapsvc.parity.trials import Bench, Knob, Loss, Switch, read_by, total
from soapsvc.tenant.formats import TenantSettings

Told = Callable[[str, int], None]
"""A function that gets the current attempt, and the number of items that still differ."""

_TRIED_WHOLE = 24
_MOST_PAIRS = 1500
_MOST_LEAVES = 1200
_SOLVED = 4
_BATCH = 64
_DEFAULTS = TenantSettings()


class Search:
    """One search. `best` are the best settings so far, `losses` the losses of all samples under them."""

    def __init__(self, bench: Bench, knobs: Sequence[Knob], settings: TenantSettings, told: Told) -> None:
        self._bench = bench
        self._knobs = knobs
        self._base = settings
        self._told = told
        self.best = settings
        (self.losses,) = bench.losses([settings])

    def run(self) -> TenantSettings:
        """Search until nothing differs, or no switch lowers the loss."""
        ways = (("single rules", self._singles), ("pairs of rules", self._pairs), ("single previews", self._solutions))
        way = 0
        while self._failing() and way < len(ways):
            name, candidates = ways[way]
            self._told(name, total(self.losses).items)
            way = 0 if self._improve(candidates()) else way + 1
        self._simplify()
        return self.best

    def _failing(self) -> list[int]:
        return [place for place, loss in enumerate(self.losses) if loss.items]

    def _relevant(self, settings: TenantSettings, places: Sequence[int]) -> list[Knob]:
        """The knobs that some of these samples read."""
        trials = [self._bench.trials[place] for place in places]
        reads = read_by(trial.reads(settings) for trial in trials)
        moved = any(trial.moments for trial in trials)
        return [knob for knob in self._knobs if (moved if knob.field == "time_zone" else knob.is_read(reads))]

    def _singles(self) -> Iterator[TenantSettings]:
        for switch in self._switches(self.best, self._failing()):
            yield switch.apply(self.best)

    def _switches(self, settings: TenantSettings, places: Sequence[int]) -> Iterator[Switch]:
        for knob in self._relevant(settings, places):
            yield from (Switch(knob, value) for value in knob.others(settings))

    def _pairs(self) -> Iterator[TenantSettings]:
        return islice(self._all_pairs(), _MOST_PAIRS)

    def _all_pairs(self) -> Iterator[TenantSettings]:
        failing = self._failing()
        order = {knob: place for place, knob in enumerate(self._knobs)}
        at_once = set(self._relevant(self.best, failing))
        for first in self._switches(self.best, failing):
            switched = first.apply(self.best)
            for second in self._switches(switched, failing):
                known = second.knob in at_once and order[second.knob] <= order[first.knob]
                if not known and second.knob != first.knob:
                    yield second.apply(switched)

    def _solutions(self) -> Iterator[TenantSettings]:
        """Settings under which one of the differing previews agrees: those with the fewest switches first."""
        failing = sorted(self._failing(), key=lambda place: len(self._relevant(self.best, [place])))
        for place in failing[:_SOLVED]:
            leaves = islice(self._leaves(self.best, place, frozenset()), _MOST_LEAVES)
            solved = (leaf for leaf in leaves if not self._bench.trials[place].loss(leaf).items)
            yield from islice(sorted(solved, key=self._switched), _BATCH)

    def _leaves(self, settings: TenantSettings, place: int, fixed: frozenset[Knob]) -> Iterator[TenantSettings]:
        """Every way in which the rules that one sample reads can be set."""
        free = (knob for knob in self._relevant(settings, [place]) if knob not in fixed)
        knob = next(free, None)
        if knob is None:
            yield settings
            return
        yield from self._leaves(settings, place, fixed | {knob})
        for value in knob.others(settings):
            yield from self._leaves(knob.set(settings, value), place, fixed | {knob})

    def _switched(self, settings: TenantSettings) -> tuple[int, int]:
        """The distance from the first settings and from the vendor's defaults: among equals the nearest is likelier."""
        values = [(knob, knob.value(settings)) for knob in self._knobs]
        return (
            sum(value != knob.value(self._base) for knob, value in values),
            sum(value != knob.value(_DEFAULTS) for knob, value in values),
        )

    def _improve(self, candidates: Iterator[TenantSettings]) -> bool:
        """Take the candidate that lowers the loss of all samples most; False where none does."""
        failing = self._failing()
        before = total([self.losses[place] for place in failing])
        promising: list[tuple[Loss, int, TenantSettings]] = []
        while batch := list(islice(candidates, _BATCH)):
            rows = self._bench.losses(batch, failing)
            found = ((total(row), candidate) for row, candidate in zip(rows, batch, strict=True))
            promising += [(loss, len(promising), each) for loss, each in found if loss < before]
        promising.sort(key=lambda entry: (entry[0], self._switched(entry[2]), entry[1]))
        return self._take([candidate for _, _, candidate in promising[:_TRIED_WHOLE]])

    def _take(self, candidates: Sequence[TenantSettings]) -> bool:
        if not candidates:
            return False
        rows = self._bench.losses(candidates)
        place = min(range(len(rows)), key=lambda place: (total(rows[place]), self._switched(candidates[place]), place))
        if total(rows[place]) >= total(self.losses):
            return False
        self.best, self.losses = candidates[place], rows[place]
        return True

    def _simplify(self) -> None:
        """Undo every switch that the samples do not need."""
        for knob in self._knobs:
            value = knob.value(self._base)
            if knob.value(self.best) == value:
                continue
            plain = knob.set(self.best, value)
            (row,) = self._bench.losses([plain])
            if total(row) <= total(self.losses):
                self.best, self.losses = plain, row
