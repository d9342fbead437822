"""A subscription (ETSI GS CIM 009 v1.9.1, 5.2.12): its document with canonical names; from JSON, and back.

Names are in the canonical short form (``model/entity``), so a document is read with one @context and written with
another. What is compiled for matching is made from it by the hub.
"""

from madang.model.subscription.kept import Phrase, Subscription
from madang.model.subscription.read import merged, read_members
from madang.model.subscription.rules import check_whole
from madang.model.subscription.write import write_subscription

__all__ = ["Phrase", "Subscription", "check_whole", "merged", "read_members", "write_subscription"]
