"""Repeatable benchmarks: `make bench` compares this service with a stock Spyne application in the same run."""

# The shim makes Spyne importable on every supported interpreter, so it is imported before the stock application.
from soapsvc.soap import spyne_shim as spyne_shim
