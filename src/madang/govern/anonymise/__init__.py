"""A table of persons made fit for release: k-anonymity, l-diversity, t-closeness, the gate that proves them, the risk.

``release`` makes the table; ``proof`` works its guarantee out again from its cells, and only what passes leaves.
"""

from madang.govern.anonymise.proof import Proof, check, prove
from madang.govern.anonymise.release import Release, Table, Wish, release

__all__ = ["Proof", "Release", "Table", "Wish", "check", "prove", "release"]
