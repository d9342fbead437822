"""The hub: one object with a room for each family of operations."""

from collections.abc import Sequence

from madang.clock import Clock
from madang.govern import Policy
from madang.hub.attributes import Attributes
from madang.hub.batch import Batch
from madang.hub.changes import Changes
from madang.hub.entities import Entities
from madang.hub.figures import Figures
from madang.hub.gate import Gate
from madang.hub.registrations import Registrations
from madang.hub.temporal import Temporal
from madang.hub.types import Types
from madang.model.change import Change
from madang.ports import Bus, Store


class Hub:
    """The NGSI-LD operations over a store, under a policy. The first argument of each is the caller.

    Committed changes go to the bus in commit order; `changes` listens to the bus, so that with a bus between processes
    the changes of all of them arrive. `close` ends the listeners; store and bus belong to whoever made them.
    """

    def __init__(self, store: Store, policy: Policy, clock: Clock, bus: Bus) -> None:
        gate = Gate(store, policy, clock)
        self.entities = Entities(gate)
        self.attributes = Attributes(gate)
        self.batch = Batch(gate)
        self.temporal = Temporal(gate)
        self.types = Types(gate)
        self.registrations = Registrations(gate)
        self.figures = Figures(gate)
        self.changes = Changes(policy, bus)
        self._bus = bus
        store.watch(self._publish)

    def close(self) -> None:
        """End every listener."""
        self.changes.close()

    def _publish(self, tenant: str, changes: Sequence[Change]) -> None:
        self._bus.publish(tenant, changes)
