"""The composition root: settings and the city choose the adapters here, and nowhere else.

One module a command, so that a command loads only what it runs: ``running`` (up), ``hub`` (serve), ``streets`` (world),
``evaluation``, ``account`` (replay).
"""
