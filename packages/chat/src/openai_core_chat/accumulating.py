"""Chunks put together to the completion that they are pieces of."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from openai_core.merging import extend, merge, settled, update

if TYPE_CHECKING:
    from collections.abc import Mapping

_PADDED: Final = re.compile("[^=]+=*")


class CompletionAccumulator:
    """An `Accumulator` of chunks.

    Attributes:
        choices: what has come of each choice, by its index.
    """

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self.choices: defaultdict[int, ChoiceAccumulator] = defaultdict(ChoiceAccumulator)

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        chunk = from_json(data)
        pieces = chunk.pop("choices", None)
        # As `objects` and `index_of` do: a call of a function for each chunk would cost, and JSON has no subclasses.
        for piece in pieces if type(pieces) is list else ():
            if type(piece) is dict:
                index = piece.get("index")
                self.choices[index if type(index) is int else 0].add(piece)
        self.tell(chunk)

    def tell(self, chunk: dict[str, Any]) -> None:
        """Take in what a chunk has beside its choices."""
        chunk.pop("obfuscation", None)
        update(self._told, chunk)

    def result(self) -> dict[str, Any] | None:
        """As `Accumulator.result`."""
        if not self._told and not self.choices:
            return None
        made = [{**self.choices[index].result(), "index": index} for index in sorted(self.choices)]
        return {**self._told, "object": "chat.completion", "choices": made}


def index_of(piece: Mapping[str, Any]) -> int:
    """Which choice a piece belongs to: the only one, where a server doesn't say."""
    index = piece.get("index")
    return index if isinstance(index, int) else 0


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; whatever else there is isn't described, and nothing can be made of it."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def payload_of(call: Mapping[str, Any]) -> dict[str, Any]:
    """What a call, or a piece of one, tells of its function or its custom tool."""
    payload = call.get("function") or call.get("custom")
    return payload if isinstance(payload, dict) else {}


class ChoiceAccumulator:
    """One choice of a completion.

    Attributes:
        calls: the tool calls of its message.
    """

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._logprobs: dict[str, Any] | None = None
        self._message: dict[str, Any] = {}
        self.calls = ToolCalls()

    def add(self, piece: dict[str, Any]) -> None:
        """Take in the next piece, which is used up by it."""
        delta = piece.pop("delta", None)
        logprobs = piece.pop("logprobs", None)
        if logprobs is not None and isinstance(logprobs, dict):
            self._logprobs = self._logprobs or {}
            extend(self._logprobs, logprobs)
        if type(delta) is dict or isinstance(delta, dict):
            if "tool_calls" in delta:
                for call in objects(delta.pop("tool_calls")):
                    self.calls.add(call)
            merge(self._message, delta)
        update(self._told, piece)

    def result(self) -> dict[str, Any]:
        """The choice as far as it has come."""
        message = {"content": None, **settled(self._message)}
        message["role"] = message.get("role") or "assistant"
        if isinstance(message.get("audio"), dict):
            message["audio"]["data"] = _joined(message["audio"].get("data") or "")
        if calls := self.calls.result():
            message["tool_calls"] = calls
        return {"finish_reason": None, **self._told, "message": message, "logprobs": self._logprobs}


class ToolCalls:
    """Tool calls, told apart by their index. Not all servers take that word for word."""

    def __init__(self) -> None:
        self._calls: list[tuple[int, dict[str, Any]]] = []
        self._at: dict[int, dict[str, Any]] = {}

    def add(self, piece: dict[str, Any]) -> dict[str, Any]:
        """Take in the next piece; gives what is held of the call that it belongs to."""
        index = piece.pop("index", None)
        if not isinstance(index, int):
            index = self._index_of(piece)
        call = self._at.get(index)
        if call is None or _is_another(call, piece):
            self._at[index] = call = {}
            self._calls.append((index, call))
        merge(call, piece)
        return call

    def _index_of(self, piece: Mapping[str, Any]) -> int:
        """Without an index, what brings no id of its own goes on with the last call."""
        last = self._calls[-1][0] if self._calls else 0
        return last + 1 if self._calls and _is_another(self._at[last], piece) else last

    def result(self) -> list[dict[str, Any]]:
        """The calls as far as they have come."""
        return [_complete(settled(call)) for _, call in sorted(self._calls, key=lambda numbered: numbered[0])]


def _is_another(call: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    # Some servers give all calls one index, and some give each piece of one call an id of its own: only with a name
    # does an id begin a call.
    given = piece.get("id")
    begins = payload_of(piece).get("name")
    return bool(given and begins and call.get("id") and call["id"] != given)


def _complete(call: dict[str, Any]) -> dict[str, Any]:
    kind = call["type"] = call.get("type") or ("custom" if "custom" in call else "function")
    payload = {"function": "arguments", "custom": "input"}.get(str(kind))
    if payload:
        told = call.get(kind)
        # A function without parameters may be called without a word about them.
        call[kind] = {payload: "", **(told if isinstance(told, dict) else {})}
    return call


def _joined(told: str) -> str:
    """Base64 of which each piece may have been padded for itself."""
    if "=" not in told.rstrip("="):
        return told
    return b64encode(b"".join(map(b64decode, _PADDED.findall(told)))).decode()
