"""A project as a file: its streams and the inputs behind them, the evidence that they rest on, and everything that is
answered about it. The arithmetic is that of ``appraise/project``; files are read by ``app/case``."""
