"""Ask a live tenant for previews and store request, answer, and the account's data: `record`."""

from soapsvc.parity.asking.previews import OverRest, OverSoap, Previews
from soapsvc.parity.asking.record import Recorded, record

__all__ = ["OverRest", "OverSoap", "Previews", "Recorded", "record"]
