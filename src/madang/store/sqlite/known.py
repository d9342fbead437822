"""What the writer knows to be in the tables, so that it need not ask: each statement costs a change of threads."""

MOST = 200_000
"""Streams and forms that the writer remembers the numbers of."""


class Known:
    """Only the writer's thread uses it. It is forgotten when a transaction is undone."""

    def __init__(self) -> None:
        self.streams: dict[tuple[str, str], int] = {}
        self.forms: dict[str, int] = {}
        self.indexed: dict[str, int] | None = None
        """The attributes with an index, and its number; None: ask."""
        self.number = -1
        """The highest number of an entity, present or gone; -1: ask."""
        self.gone = 0
        """The highest number of an entity that is gone and has a past, or a higher one; 0: there is none."""

    def forget(self) -> None:
        """Ask again."""
        self.streams.clear()
        self.forms.clear()
        self.indexed = None
        self.number = -1

    def bound(self) -> None:
        """Do not remember ever more."""
        if len(self.streams) > MOST or len(self.forms) > MOST:
            self.streams.clear()
            self.forms.clear()
