"""Asks a live tenant for previews and keeps request, answer, and what the account was billed from: `record`."""

from soapsvc.parity.asking.previews import OverRest, OverSoap, Previews
from soapsvc.parity.asking.record import Recorded, record

__all__ = ["OverRest", "OverSoap", "Previews", "Recorded", "record"]
