"""The account of every automated act: the ledger of decisions, and the evidence of their effect."""

from madang.account.ledger import Account

__all__ = ["Account"]
