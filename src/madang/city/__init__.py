"""A city is a folder of text (architecture, 3): read it, check it with line numbers, write a first one.

``read`` gives the city or raises with every mistake at once; ``check`` gives the mistakes; ``init`` writes a folder
that passes; ``unstated`` says what its registers lack; ``render`` prints findings as ``file:line: message``.
"""

from madang.city.finding import Finding, render
from madang.city.init import init
from madang.city.read import check, read
from madang.city.stated import unstated

__all__ = ["Finding", "check", "init", "read", "render", "unstated"]
