"""Whether a member is still known as who it was: what lives on after a request (a subscription) asks it anew."""

from collections.abc import Callable

from madang.app.keys import KeyFile
from madang.app.people import PeopleFile
from madang.clock import WallClock
from madang.errors import MadangError
from madang.govern import Caller
from madang.govern.identity import Person
from madang.govern.key import Key
from madang.model.city import City
from madang.settings import Settings


def standing(city: City, settings: Settings) -> Callable[[Caller], bool]:
    """Asks the city's keys and people, at most a second old. A file that cannot be read vouches for nobody."""
    folder, now = settings.data / city.id, WallClock().now
    keys, people = KeyFile(folder), PeopleFile(folder)

    def stands(caller: Caller) -> bool:
        try:
            open_keys = [key for key in keys.keys().values() if key.expires_at is None or now() < key.expires_at]
            return any(_same(caller, one) for one in (*open_keys, *people.people().values()))
        except MadangError:
            return False

    return stands


def _same(caller: Caller, one: Key | Person) -> bool:
    return (
        one.name == caller.name
        and set(caller.roles) <= set(one.roles)
        and (not one.purposes or caller.purpose in one.purposes)
        and (one.country, one.subject) == (caller.country, caller.subject)
    )
