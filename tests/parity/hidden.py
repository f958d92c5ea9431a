"""`python -m tests.parity.hidden [N] [FIRST SEED] [PROCESSES]`: fits N random tenants, and prints how many are found.

Each is recorded from our own previews under settings that are hidden from the fit; it sees only the tenant's data.
"""

from __future__ import annotations

import sys
import time
from random import Random

from soapsvc.parity.fitting import Fit, Standing, fit
from soapsvc.parity.recording import read_preview
from soapsvc.parity.recording.lines import preview_document
from soapsvc.parity.recording.names import Names
from soapsvc.parity.recording.privacy import encoded
from soapsvc.parity.trials import Sample, Trial
from soapsvc.tenant.formats import TenantSettings
from soapsvc.tenant.reading import mapping, parse_json
from tests.support.captures.recordings import recorded
from tests.support.stores.random_tenants import hidden_settings, random_accounts, random_request

ACCOUNTS = 44


def hidden_tenant(seed: int, accounts: int = ACCOUNTS) -> tuple[TenantSettings, list[Sample]]:
    """The hidden settings of a random tenant, and its recordings as a file would have them."""
    random = Random(seed)  # noqa: S311  # the same tenant at every run
    settings = hidden_settings(random)
    names = Names(f"salt {seed}")
    samples = []
    for data in random_accounts(random, accounts):
        made = recorded(data, settings, random_request(random))
        line = encoded(preview_document(made, names))
        kept = read_preview(mapping(parse_json(line)), f"seed {seed}", names)
        assert kept.data is not None
        samples.append(Sample(kept, kept.data, {}))
    return settings, samples


def irrelevant(found: Fit, samples: list[Sample]) -> list[str]:
    """The settings that the fit calls undetermined although they change a recording: there should be none."""
    trials = [Trial(sample, found.best) for sample in samples]
    wrong = []
    for each in found.of(Standing.UNDETERMINED):
        for value in each.free[:4]:
            switched = each.knob.set(found.best, value)
            losses = [trial.loss(switched) for trial in trials]
            if any(loss > before for loss, before in zip(losses, found.after, strict=True)):
                wrong.append(f"{each.knob.name} = {value}")
    return wrong


def tell(hidden: TenantSettings, found: Fit, wrong: list[str]) -> None:
    """Print the misses: the recordings, and the settings that differ from the hidden ones."""
    lines = [f"{name}: {loss.items} items, {loss.money}" for name, loss in zip(found.accounts, found.after, strict=True) if loss.items]  # noqa: E501  # fmt: skip
    lines += [
        f"{each.knob.name}: {each.value}, hidden {each.knob.value(hidden)}: {each.standing}"
        for each in found.findings
        if each.value != each.knob.value(hidden)
    ]
    lines += [f"not irrelevant: {each}" for each in wrong]
    lines += [f"tax rates {found.best.tax_rates}, hidden {hidden.tax_rates}"]
    sys.stdout.write("".join(f"    {line}\n" for line in lines))


def main(count: int, first: int, processes: int) -> int:
    good = 0
    for seed in range(first, first + count):
        settings, samples = hidden_tenant(seed)
        began = time.perf_counter()
        found = fit(samples, TenantSettings(), processes=processes)
        seconds = time.perf_counter() - began
        wrong = irrelevant(found, samples)
        whole = found.agreeing == len(samples) and not wrong
        good += whole
        told = f"{found.agreeing} of {len(samples)} recordings, {len(found.of(Standing.DETERMINED))} determined"
        sys.stdout.write(f"seed {seed}: {told}, {seconds:.1f} s\n")
        if not whole:
            tell(settings, found, wrong)
        sys.stdout.flush()
    sys.stdout.write(f"{good} of {count} tenants\n")
    return 0 if good >= count * 0.95 else 1


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:]), *(20, 1, 2)[len(sys.argv) - 1 :]]
    sys.exit(main(*given))
