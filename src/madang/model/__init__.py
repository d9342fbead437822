"""Frozen values that every room speaks in: no clock, no network, no environment."""
