"""Controllers to act on: processes of their own, real to whoever sends them orders."""
