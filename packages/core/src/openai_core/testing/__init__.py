"""For tests of programs that call the API: answers of one's own, and answers that were recorded once.

    from openai_core.testing import Answers, build

    answers = Answers()
    client = answers.client()
    answers.on(client.chat.completions.create, build(ChatCompletion, choices=[{"message": {"content": "Hi!"}}]))

`Cassette` records what a real server answers, and plays it again. For a whole server see openai-core-emulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.lazy import lazy_names

if TYPE_CHECKING:
    from openai_core.testing.answers import Answers, Events, Refusal
    from openai_core.testing.building import build
    from openai_core.testing.cassette import Cassette
    from openai_core.testing.comparing import UnexpectedRequestError
    from openai_core.testing.sent import SentRequest

__all__ = ["Answers", "Cassette", "Events", "Refusal", "SentRequest", "UnexpectedRequestError", "build"]
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "answers": ("Answers", "Events", "Refusal"),
            "building": ("build",),
            "cassette": ("Cassette",),
            "comparing": ("UnexpectedRequestError",),
            "sent": ("SentRequest",),
        },
    )
