"""Remembers: entities, their history, the ledger. One folder a backend, the same file names in each."""
