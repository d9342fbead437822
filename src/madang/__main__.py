"""``python -m madang`` is the command ``madang``."""

from madang.cli import main

main()
