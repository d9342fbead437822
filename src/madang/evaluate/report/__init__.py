"""The comparison as a page of its own: plots with their numbers beside them, every figure, how it was measured."""

from madang.evaluate.report.page import report

__all__ = ["report"]
