"""The process in which a service thinks: questions come on standard input, replies leave on standard output.

Ends when its parent does (standard input closes). What a service prints goes to standard error: it breaks no frame.
"""

import sys
from typing import BinaryIO

import msgspec

from madang.decide import registry
from madang.decide.thinking import FRAME, Question, think


def main() -> None:
    """Load the service named on the command line, say so with an empty frame, answer until the input ends."""
    questions, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    service = registry.load(sys.argv[1])
    if service.prepare is not None:
        service.prepare()
    decoder, encoder = msgspec.msgpack.Decoder(Question), msgspec.msgpack.Encoder()
    _send(replies, b"")
    while len(head := questions.read(FRAME)) == FRAME:
        question = decoder.decode(questions.read(int.from_bytes(head)))
        _send(replies, encoder.encode(think(service, question)))


def _send(replies: BinaryIO, body: bytes) -> None:
    replies.write(len(body).to_bytes(FRAME) + body)
    replies.flush()


if __name__ == "__main__":
    main()
