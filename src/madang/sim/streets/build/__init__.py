"""A city's own streets: taken over from a model of SUMO, or made from a map and from counts."""
