"""What is wrong with a project file, all of it: where, what, and what to do."""

from madang.appraise.plan import Mistake, Path


class Mistakes(list[Mistake]):
    """Mistakes in the order in which they were found; `warnings` do not stop an appraisal."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[Mistake] = []

    def add(self, path: Path, message: str, remedy: str) -> None:
        self.append(Mistake(path, message, remedy))

    def warn(self, path: Path, message: str, remedy: str) -> None:
        self.warnings.append(Mistake(path, message, remedy))
