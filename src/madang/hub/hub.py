"""The hub: one object with a room for each family of operations."""

from collections.abc import Callable, Sequence

from madang.account.ledger import Account
from madang.clock import Clock
from madang.govern import Policy
from madang.hub.attributes import Attributes
from madang.hub.batch import Batch
from madang.hub.changes import Changes
from madang.hub.consents import ConsentRecords
from madang.hub.contexts import Contexts
from madang.hub.delivery import Delivery
from madang.hub.entities import Entities
from madang.hub.erasure import Erasure
from madang.hub.evolution import Evolution
from madang.hub.expiry import Sweep
from madang.hub.figures import Figures
from madang.hub.gate import Gate
from madang.hub.identity import Identity
from madang.hub.letters import Letters
from madang.hub.matching import Matching
from madang.hub.photos import Photos
from madang.hub.posts import Posts
from madang.hub.purge import Purge
from madang.hub.registration_subscriptions import RegistrationSubscriptions
from madang.hub.registrations import Registrations
from madang.hub.rows import Rows
from madang.hub.subjects import Subjects
from madang.hub.subscriptions import Stands, Subscriptions
from madang.hub.temporal import Temporal
from madang.hub.types import Types
from madang.hub.uses import Uses
from madang.model.change import Change
from madang.ports import Bus, Courier, Store


class Hub:
    """The NGSI-LD operations over a store, under a policy. The first argument of each is the caller.

    Committed changes go to the bus in commit order; `changes` listens to the bus, so that with a bus between processes
    the changes of all of them arrive. `start` goes on with what was stored before; `close` ends the listeners, `stop`
    the deliveries as well. Store, bus and courier belong to whoever made them; without a courier notifications wait.
    `account` takes down who used whose data (see `uses`); `stands` says whether a member is still known
    as who it was; `forget` destroys the key of a person who is erased, with which backups are sealed.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        clock: Clock,
        bus: Bus,
        *,
        courier: Courier | None = None,
        attempts: int = 12,
        account: Account | None = None,
        stands: Stands | None = None,
        forget: Callable[[str], None] | None = None,
    ) -> None:
        gate = Gate(store, policy, clock)
        self.uses = Uses(gate, account)
        self.policy = policy
        self.delivery = Delivery(store, clock, courier, attempts=attempts)
        matching = Matching(clock, self.delivery)
        self.subscriptions = Subscriptions(gate, self.delivery, matching, self.uses, stands)
        self.letters = Letters(gate, self.delivery)
        self.entities = Entities(gate, self.uses)
        self.attributes = Attributes(gate)
        self.batch = Batch(gate)
        self.temporal = Temporal(gate)
        self.evolution = Evolution(gate, self.uses)
        self.purge = Purge(gate)
        self.types = Types(gate)
        self.registrations = Registrations(gate, self.delivery)
        self.sweep = Sweep(store, gate, self.registrations)
        self.registration_subscriptions = RegistrationSubscriptions(gate, self.delivery, self.registrations)
        self.contexts = Contexts(gate)
        self.consents = ConsentRecords(gate)
        erasure = Erasure(gate, self.entities, self.temporal, self.consents, self.subscriptions, self.delivery, forget)
        self.subjects = Subjects(gate, self.entities, self.evolution, erasure)
        self.identity = Identity(gate)
        self.figures = Figures(gate)
        self.rows = Rows(gate)
        self.photos = Photos(gate)
        self.posts = Posts(gate, self.delivery)
        self.changes = Changes(policy, bus, self.uses)
        self._bus = bus
        store.watch(self._publish)
        store.react(matching)

    async def start(self) -> None:
        """Know the subscriptions that are stored, and deliver what waits."""
        await self.consents.start()
        await self.subscriptions.start()
        await self.registration_subscriptions.start()
        await self.delivery.start()

    async def stop(self) -> None:
        """Close, and stop delivering: what is on its way waits for the next start."""
        self.close()
        await self.subscriptions.close()
        await self.registration_subscriptions.close()
        await self.delivery.close()
        await self.uses.close()

    def close(self) -> None:
        """End every listener."""
        self.changes.close()

    def _publish(self, tenant: str, changes: Sequence[Change]) -> None:
        self._bus.publish(tenant, changes)
