"""Find a tenant's billing rules from its previews: `fit` is the one entry; read `search`, then `findings`."""

from soapsvc.parity.fitting.findings import Finding, Standing
from soapsvc.parity.fitting.fit import Fit, fit
from soapsvc.parity.fitting.settings_file import with_findings

__all__ = ["Finding", "Fit", "Standing", "fit", "with_findings"]
