"""Billing preview runs: previews of many accounts at once, durable, on one machine or many."""
