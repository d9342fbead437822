"""Who people are to a city: persons with passwords, one-time links, sessions, the city's own or another provider's."""

from madang.govern.identity.entrance import Certified, Entrance, Links, People, Provider
from madang.govern.identity.link import Link
from madang.govern.identity.person import Person
from madang.govern.identity.session import Session
from madang.govern.identity.sessions import Kept, Sessions

__all__ = ["Certified", "Entrance", "Kept", "Link", "Links", "People", "Person", "Provider", "Session", "Sessions"]
