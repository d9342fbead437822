"""Who may do what with which data, for which purpose: the answer is a query filter and a reason."""

from madang.govern.caller import PUBLIC, SYSTEM, Caller, Role, service, system
from madang.govern.policy import Policy
from madang.govern.retention import enforce

__all__ = ["PUBLIC", "SYSTEM", "Caller", "Policy", "Role", "enforce", "service", "system"]
