"""Repeatable benchmarks: `make bench` compares this service with a stock Spyne application in the same run."""
