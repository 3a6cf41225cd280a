"""What happens in one choice of a streamed completion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Generic, TypeGuard, TypeVar

from pydantic_core import to_json

from openai_core_chat.accumulating import objects, payload_of
from openai_core_chat.event_types import (
    ArgumentsDelta,
    ArgumentsDone,
    ContentDelta,
    ContentDone,
    ContentLogprobsDelta,
    ContentLogprobsDone,
    Growing,
    InputDelta,
    InputDone,
    RefusalDelta,
    RefusalDone,
    RefusalLogprobsDelta,
    RefusalLogprobsDone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openai_core_chat.accumulating import ChoiceAccumulator
    from openai_core_chat.event_types import ChatEvent
    from openai_core_chat.types.chat import ChatCompletionTokenLogprob
    from openai_core_chat.types.chunks import ChunkChoice

Parsed = TypeVar("Parsed")

# Of an answer that ends so, what is written for a tool may lack its end.
_CUT: Final = frozenset({"length", "content_filter"})
_MARK: Final = re.compile(r'["\\{}\[\]]')


class _Part:
    """Something that grows, and then is done. If it grows nevertheless, it is done again at the very end."""

    def __init__(self) -> None:
        self._done = False
        self._grown = False

    def grow(self) -> None:
        """Note that there is more of it."""
        self._grown = True

    def finish(self, *, ended: bool = False) -> bool:
        """Whether it is done by this, and wasn't before."""
        if not self._grown or (self._done and not ended):
            return False
        self._done, self._grown = True, False
        return True


class _Said(_Part):
    def __init__(self) -> None:
        super().__init__()
        self.text = Growing()
        self.tokens: list[ChatCompletionTokenLogprob] = []
        self.tokens_part = _Part()

    def add(self, piece: Any) -> TypeGuard[str]:
        """Take in more of the text; whether there is any."""
        if not piece or not isinstance(piece, str):
            return False
        self.text.add(piece)
        self.grow()
        return True

    def add_tokens(self, tokens: Any) -> TypeGuard[list[ChatCompletionTokenLogprob]]:
        """Take in more of its tokens; whether there are any."""
        if not tokens or not isinstance(tokens, list):
            return False
        self.tokens += tokens
        self.tokens_part.grow()
        return True

    def whole(self) -> str:
        return self.text.until(self.text.length)


class _Call(_Part):
    """A call of a tool.

    Args:
        index: which of the choice's calls.
        held: what the accumulator holds of it.
    """

    def __init__(self, index: int, held: dict[str, Any]) -> None:
        super().__init__()
        self.index = index
        self.text = Growing()
        self._json = _Json()
        self._held = held
        self._told = False
        self.grow()

    @property
    def kind(self) -> str | None:
        """`function`, `custom`, another kind, or `None` before it is known."""
        return self._held.get("type") or next((kind for kind in ("function", "custom") if kind in self._held), None)

    @property
    def closed(self) -> bool:
        """Whether it is JSON that has come to its end. The input of a custom tool is any text."""
        return self.kind == "function" and self._json.closed

    def facts(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "id": self._held.get("id"),
            "name": payload_of(self._held).get("name") or "",
        }

    def add(self, piece: dict[str, Any]) -> str | None:
        """Take in more of what is written for the tool; `None` if there is nothing to tell of it."""
        told = payload_of(piece)
        written = told.get("arguments", told.get("input"))
        if not isinstance(written, str):
            # Some servers give arguments as an object.
            written = "" if written is None else to_json(written).decode()
        self.text.add(written)
        # Space after the end of JSON changes nothing.
        if written and not (self.closed and written.isspace()):
            self.grow()
        self._json.add(written)
        if self.kind is None or (self._told and not written):
            return None
        self._told = True
        return written


class _Json:
    """Follows JSON that comes in pieces, to the end of the object or list that it is."""

    __slots__ = ("_depth", "_escaped", "_quoted", "closed")

    def __init__(self) -> None:
        self.closed = False
        self._depth = 0
        self._quoted = False
        # Where in the next piece a character stands that a backslash came before.
        self._escaped = -1

    def add(self, piece: str) -> None:
        for mark in _MARK.finditer(piece):
            at, found = mark.start(), mark[0]
            if at == self._escaped:
                continue
            if self._quoted:
                self._quoted = found != '"'
                if found == "\\":
                    self._escaped = at + 1
            elif found == '"':
                self._quoted = True
            elif found in "{[":
                self._depth += 1
            elif found in "}]":
                self._depth -= 1
                self.closed = self.closed or self._depth == 0
        self._escaped -= len(piece)


class ChoiceEvents(Generic[Parsed]):
    """The events of one choice.

    Args:
        index: of the choice.
        held: what puts it together.
        read: reads its text when it is complete.
    """

    def __init__(self, index: int, held: ChoiceAccumulator, read: Callable[[], Parsed]) -> None:
        self._index = index
        self._held = held
        self._read = read
        self._content = _Said()
        self._refusal = _Said()
        # By the identity of what is held of each.
        self._calls: dict[int, _Call] = {}
        self._writing: _Call | None = None
        self._reason: str | None = None

    def add(self, piece: dict[str, Any], typed: ChunkChoice) -> Iterator[ChatEvent[Parsed]]:
        """Take in a piece of the choice, which is used up by it.

        Args:
            piece: as plain data.
            typed: the same as it was read, for what events give as it is.
        """
        told = piece.get("delta")
        delta: dict[str, Any] = told if isinstance(told, dict) else {}
        content, refusal = delta.get("content"), delta.get("refusal")
        calls = [(call, self._held.calls.add(call)) for call in objects(delta.pop("tool_calls", None))]
        reason = piece.get("finish_reason")
        self._held.add(piece)
        said, refused = self._content, self._refusal
        if said.add(content):
            yield ContentDelta(self._index, content, said.text, said.text.length)
        if refused.add(refusal):
            yield RefusalDelta(self._index, refusal, refused.text, refused.text.length)
        for call, held in calls:
            yield from self._add_call(call, held)
        logprobs = getattr(typed, "logprobs", None)
        tokens, refusing = getattr(logprobs, "content", None), getattr(logprobs, "refusal", None)
        if said.add_tokens(tokens):
            yield ContentLogprobsDelta(self._index, tokens, said.tokens, len(said.tokens))
        if refused.add_tokens(refusing):
            yield RefusalLogprobsDelta(self._index, refusing, refused.tokens, len(refused.tokens))
        if reason:
            self._reason = reason
            yield from self._finish()

    def end(self) -> Iterator[ChatEvent[Parsed]]:
        """Note that nothing more comes."""
        yield from self._finish(ended=True)

    def _add_call(self, piece: dict[str, Any], held: dict[str, Any]) -> Iterator[ChatEvent[Parsed]]:
        call = self._calls.get(id(held))
        if call is None:
            self._calls[id(held)] = call = _Call(len(self._calls), held)
        before, self._writing = self._writing, call
        if before is not None and before is not call and before.closed:
            yield from self._done(before)
        delta, kind = call.add(piece), call.kind
        if delta is not None and kind == "function":
            yield ArgumentsDelta(self._index, delta, call.text, call.text.length, **call.facts())
        if delta is not None and kind == "custom":
            yield InputDelta(self._index, delta, call.text, call.text.length, **call.facts())

    def _finish(self, *, ended: bool = False) -> Iterator[ChatEvent[Parsed]]:
        said, refused = self._content, self._refusal
        if said.finish(ended=ended):
            yield ContentDone(self._index, said.whole(), self._reason, self._read)
        if said.tokens_part.finish(ended=ended):
            yield ContentLogprobsDone(self._index, [*said.tokens])
        if refused.finish(ended=ended):
            yield RefusalDone(self._index, refused.whole())
        if refused.tokens_part.finish(ended=ended):
            yield RefusalLogprobsDone(self._index, [*refused.tokens])
        for call in self._calls.values():
            if call.closed or self._reason not in _CUT:
                yield from self._done(call, ended=ended)

    def _done(self, call: _Call, *, ended: bool = False) -> Iterator[ChatEvent[Parsed]]:
        kind = call.kind or "function"
        if kind not in {"function", "custom"} or not call.finish(ended=ended):
            return
        written = call.text.until(call.text.length)
        if kind == "function":
            yield ArgumentsDone(self._index, **call.facts(), arguments=written)
        else:
            yield InputDone(self._index, **call.facts(), input=written)
