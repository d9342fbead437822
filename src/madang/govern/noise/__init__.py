"""Differential privacy: answers about many that hardly depend on anyone, by OpenDP's proved mechanisms.

``bounded`` lets each person count with a few rows at most; ``measured`` adds the noise that hides so many rows.
"""

from madang.govern.noise.bounded import Cell, Counted
from madang.govern.noise.measured import Figure, check, measured

__all__ = ["Cell", "Counted", "Figure", "check", "measured"]
