"""Programs that some tests use, and that a machine with nothing but Python and make does not have."""

import shutil

import pytest

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
