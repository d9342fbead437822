"""What is raised where the account is not what was written."""

from madang.errors import MadangError


class LedgerError(MadangError):
    """The ledger is not what its log says: it was changed."""

    title = "Ledger broken"
