"""The emulated model's way with text: how it cuts it into tokens, and what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .state import State

_TOKEN: Final = re.compile(r"\s*\w{1,8}|\s*[^\w\s]|\s+")
_LONGEST_QUOTE: Final = 200

_OPENINGS: Final = (
    "You said: “{}”.",
    "This is about “{}”.",
    "Here is an answer to “{}”.",
    "Let us look at “{}”.",
)
_BODIES: Final = (
    "It comes from a small server on this machine, not from a model.",
    "Nothing left this machine to make these words.",
    "Ask again with the same seed and it stays the same.",
    "Another seed would have chosen other words.",
)


def tokens(text: str) -> list[str]:
    """The text in pieces that join to the same text: words, long ones in several pieces, and signs."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(tokens(text))


def compose(state: State, prompt: str, choice: int) -> str:
    """What the model says.

    Args:
        state: whose seed decides.
        prompt: what was said last; it is quoted.
        choice: number of the answer, where several are wanted for one prompt.
    """
    quote = " ".join(prompt.split())
    if len(quote) > _LONGEST_QUOTE:
        quote = quote[: _LONGEST_QUOTE - 1] + "…"
    turn = state.chance(len(_OPENINGS) * len(_BODIES), "text", prompt) + choice * (len(_BODIES) + 1)
    opening = _OPENINGS[turn // len(_BODIES) % len(_OPENINGS)]
    return f"{opening.format(quote)} {_BODIES[turn % len(_BODIES)]}"


def plain(content: object) -> str:
    """The text in the content of a message, whether a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(each for each in texts if isinstance(each, str))
    return ""


def cut_at(text: str, stops: Sequence[str]) -> str:
    """The text before the first of these strings."""
    found = [position for stop in stops if stop and (position := text.find(stop)) >= 0]
    return text[: min(found)] if found else text


def obfuscation(state: State, piece: str) -> str:
    """Padding that hides from an eavesdropper how long a piece of a stream is."""
    return state.digest("obfuscation", piece).hex()[: 16 - len(piece.encode()) % 16]


def log_probabilities(state: State, pieces: Sequence[str], top: int) -> list[dict[str, Any]]:
    """How sure the model was of each token.

    Args:
        state: whose seed decides.
        pieces: the tokens.
        top: how many likely tokens to name at each place; the first is the one that was taken.
    """
    return [
        {
            **_log_probability(state, piece, 0),
            "top_logprobs": [_log_probability(state, piece, rank) for rank in range(top)],
        }
        for piece in pieces
    ]


def _log_probability(state: State, piece: str, rank: int) -> dict[str, Any]:
    token = piece + "'" * rank
    logprob = -state.chance(1000, "logprob", piece) / 1000 - rank
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
