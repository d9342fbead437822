"""``python -m madang`` is the command ``madang``."""

from madang.cli import main

# A child process of multiprocessing imports this module under another name: then it is not to run.
if __name__ == "__main__":
    main()
