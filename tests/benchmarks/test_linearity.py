"""Four times as long a stream takes four times as long, from its bytes to the whole answer."""

from __future__ import annotations

import gc
import time

import pytest

from benchmarks import answers
from benchmarks.in_memory import MemoryTransport
from openai_core import Client
from openai_core.sse import EventDecoder

FEW, MANY = 4_000, 16_000


def client(content):
    return Client(base_url="http://127.0.0.1/v1", api_key="key", transport=MemoryTransport(content))


def chat(number):
    on = client(answers.chat_stream(number))
    return lambda: on.chat.completions.create_stream(model="m", messages=[]).final()


def response(number):
    on = client(answers.response_stream(number))
    return lambda: on.responses.create_stream(model="m", input="a").final()


def one_event_in_pieces(number):
    """What the largest events, images, come as."""
    pieces = [b"data: ", *[b"x" * 20] * number, b"\n\n"]

    def read():
        decoder = EventDecoder()
        return [event for piece in pieces for event in decoder.feed(piece)]

    return read


def seconds(job):
    started = time.process_time()
    job()
    return time.process_time() - started


@pytest.mark.parametrize("job", [chat, response, one_event_in_pieces])
def test_four_times_the_deltas_cost_four_times_as_much(job):
    few, many = job(FEW), job(MANY)
    quickest = [seconds(few), seconds(many)]
    gc.disable()
    try:
        # What else the machine does makes it slower for a while, never faster.
        for _ in range(600):
            if quickest[1] <= 4.5 * quickest[0]:
                break
            quickest = [min(quickest[0], seconds(few)), min(quickest[1], seconds(many))]
    finally:
        gc.enable()
    assert quickest[1] <= 4.5 * quickest[0]
