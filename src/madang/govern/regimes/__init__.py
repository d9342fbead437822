"""What each country's data-protection law asks, as data with articles and certainty; may data cross a border, and why.

Engineering data, not legal advice. A lawyer edits the files in ``matrix/``; their tests check the form.
"""

from madang.govern.regimes.breach import Deadline, Incident, deadlines
from madang.govern.regimes.regime import Cell, Mechanism, Regime, read, regime_of
from madang.govern.regimes.transfer import Answer, can_transfer

__all__ = [
    "Answer",
    "Cell",
    "Deadline",
    "Incident",
    "Mechanism",
    "Regime",
    "can_transfer",
    "deadlines",
    "read",
    "regime_of",
]
