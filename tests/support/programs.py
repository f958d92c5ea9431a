"""Programs that some tests use, and that a machine with only Python and make lacks."""

import shutil

import pytest

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
