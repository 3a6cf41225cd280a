"""Three ways to test an application: against the emulator, with answers that a test makes up, with recorded ones."""
# ruff: noqa: S101 - tests assert

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.testing.app import INSTRUCTIONS, Ticket, sort_message
from openai_core import Client, RateLimitError
from openai_core.testing import Answers, Cassette, Refusal, UnexpectedRequestError, build
from openai_core_responses.types import Response

if TYPE_CHECKING:
    from openai_core_emulator import Emulator

CASSETTE = Path(__file__).parent / "cassettes" / "sort_message.json"
MESSAGE = "The boat was fast, but the coffee cold."


def said(**content: str) -> Response:
    """A response of which only the text, or the refusal, matters."""
    return build(Response, status="completed", output=[{"type": "message", "content": [content]}])


# 1. A server on this machine that speaks the API; the fixture comes with openai-core[emulator]. What it answers makes
# no sense, but has the right form, and what it was asked is what the API would have been asked.


def test_the_model_is_told_what_to_do_and_may_answer_with_tickets_alone(openai_emulator: Emulator) -> None:
    """What is sent."""
    with Client(base_url=openai_emulator.base_url, api_key=openai_emulator.api_key) as client:
        ticket = sort_message(client, MESSAGE)
    assert isinstance(ticket, Ticket)
    (request,) = openai_emulator.requests
    assert request.path == "/v1/responses"
    sent = request.json()
    assert (sent["instructions"], sent["input"]) == (INSTRUCTIONS, MESSAGE)
    assert sent["text"]["format"]["schema"]["required"] == ["kind", "summary"]


# 2. Answers that a test makes up, of which it says only what matters. Nothing is sent to anyone.


def test_the_ticket_is_what_the_model_says() -> None:
    """What becomes of an answer."""
    answers = Answers()
    with answers.client() as client:
        text = '{"kind": "complaint", "summary": "cold coffee"}'
        answers.on(client.responses.create, said(type="output_text", text=text))
        assert sort_message(client, MESSAGE) == Ticket(kind="complaint", summary="cold coffee")
    assert answers.requests[-1].body["input"] == MESSAGE


def test_what_the_model_refuses_to_read_is_left_to_people() -> None:
    """What no server does when asked to."""
    answers = Answers()
    with answers.client() as client:
        answers.on(client.responses.create, said(type="refusal", refusal="I'd rather not."))
        assert sort_message(client, MESSAGE) == Ticket(kind="unsorted", summary=MESSAGE)


def test_a_busy_server_is_asked_again_but_not_for_ever() -> None:
    """What goes wrong; nobody waits between the attempts."""
    answers = Answers()
    with answers.client(max_retries=2) as client:
        answers.on(client.responses.create, said(type="output_text", text='{"kind": "praise", "summary": "fast"}'))
        answers.on(client.responses.create, Refusal(429, "slow down"), times=2)
        assert sort_message(client, MESSAGE).kind == "praise"
        answers.on(client.responses.create, Refusal(429, "slow down"))
        with pytest.raises(RateLimitError, match="slow down"):
            sort_message(client, MESSAGE)


# 3. Answers of a server, recorded once: where the file is missing, the test asks the server, with the key in
# OPENAI_API_KEY, and writes it. It holds no key and goes into the repository. This one was recorded with the emulator.


def test_a_message_is_sorted_as_when_it_was_recorded() -> None:
    """What a server said once."""
    with Cassette(CASSETTE) as cassette, cassette.client() as client:
        ticket = sort_message(client, MESSAGE)
    assert ticket.kind == "complaint"
    assert "coffee" in ticket.summary


def test_what_was_not_recorded_is_not_answered() -> None:
    """What happens when a prompt changes: the error says in what, and the file has to be made anew."""
    cassette = Cassette(CASSETTE, record=False)
    with cassette.client() as client, pytest.raises(UnexpectedRequestError, match="input"):
        sort_message(client, "Something else.")
