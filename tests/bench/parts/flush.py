"""How long the disk takes to make a write durable: every acknowledged write waits for that."""

import os
from pathlib import Path
from time import perf_counter


def flush_ms(folder: Path) -> float:
    """The median time of a 4 KiB write and its flush, in milliseconds."""
    times: list[float] = []
    with (folder / "flush").open("wb") as file:
        for _ in range(100):
            start = perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append(perf_counter() - start)
    return sorted(times)[50] * 1e3
