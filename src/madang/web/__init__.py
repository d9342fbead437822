"""The pages that people see: rendered here for every reader, enlivened by the built interface.

This room speaks only the public HTTP API (``web/client.py``): what a page shows, anyone can ask for.
"""

from madang.web.routes import routes

__all__ = ["routes"]
