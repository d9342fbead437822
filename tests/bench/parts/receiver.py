"""A receiver of notifications: a process of its own that counts them. ``python -m parts.receiver PORT`` (GET / answers
the count, POST anything is one notification)."""

import sys
from typing import Any

from madang.listen import listen, run


class Counter:
    """An ASGI application that counts what is posted to it."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return
        posted = scope["method"] == "POST"
        more = posted
        while more:
            more = (await receive()).get("more_body", False)
        self.count += posted
        body = b"" if posted else str(self.count).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    run(listen(Counter(), "127.0.0.1", int(sys.argv[1]), beside=None))
