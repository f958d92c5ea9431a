"""Reads of the v1 REST API: accounts, subscriptions, usage and the catalogue, as they were imported."""
