"""Ways of people as what can be told of many: flows between cells and how many were in each, with noise.

Four places and times tell most people apart (de Montjoye et al., "Unique in the crowd", Scientific Reports 3, 2013): so
no way leaves, only counts in which a person is a few at most, and these with noise.
"""

from madang.govern.mobility.flows import Flow, Flows, Presence, flows
from madang.govern.mobility.grid import Grid, grid
from madang.govern.mobility.journeys import Journey, Position, journey

__all__ = ["Flow", "Flows", "Grid", "Journey", "Position", "Presence", "flows", "grid", "journey"]
