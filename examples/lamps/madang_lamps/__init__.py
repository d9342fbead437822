"""Street lamps: read by a source, watched by a service. A package of its own, found by Madang by its entry points."""
