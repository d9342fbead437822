"""Madang: an open city platform, one thread from the sensor to the decision to its account to its money."""

__version__ = "0.1.0"
