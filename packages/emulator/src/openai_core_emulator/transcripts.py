"""What is heard in a recording, in all the shapes in which it can be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .state import State

_SENTENCE: Final = re.compile(r"\S.*?[.!?](?=\s|$)|\S.*$")
_TOKENS_A_SECOND: Final = 10


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a recording and what is said in it."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is heard in a recording.

    Args:
        state: whose seed decides.
        text: what is said.
        seconds: how long the recording is.
    """

    state: State
    text: str
    seconds: float

    def short(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The text, and what else the request asks for."""
        told: dict[str, Any] = {"text": self.text, "usage": self._usage(body)}
        if body.get("include"):
            told["logprobs"] = self._logprobs(text.tokens(self.text))
        if body.get("languages"):
            told["languages"] = [{"code": body["languages"][0]}]
        return told

    def verbose(self, body: Mapping[str, Any], task: str) -> dict[str, Any]:
        """The text with its times."""
        wanted = body.get("timestamp_granularities") or ["segment"]
        told: dict[str, Any] = {
            "task": task,
            "language": (body.get("language") or "english") if task == "transcribe" else "english",
            "duration": self.seconds,
            "text": self.text,
        }
        if "segment" in wanted:
            told["segments"] = [self._segment(number, piece) for number, piece in enumerate(self._sentences())]
        if "word" in wanted:
            told["words"] = [
                {"word": piece.text.strip("“”.,"), "start": piece.start, "end": piece.end}
                for piece in self._timed(self.text.split())
            ]
        if task == "transcribe":
            told["usage"] = {"type": "duration", "seconds": self.seconds}
        return told

    def diarized(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The text with its speakers."""
        return {
            "task": "transcribe",
            "duration": self.seconds,
            "text": self.text,
            "segments": list(self._spoken(body)),
            "usage": self._usage(body),
        }

    def plain(self, form: str) -> str:
        """The text as `text`, or as subtitles in `srt` or `vtt`."""
        if form == "text":
            return self.text + "\n"
        comma = "," if form == "srt" else "."
        blocks = [] if form == "srt" else ["WEBVTT\n"]
        for number, piece in enumerate(self._sentences(), 1):
            times = f"{_clock(piece.start, comma)} --> {_clock(piece.end, comma)}\n{piece.text}\n"
            blocks.append(f"{number}\n{times}" if form == "srt" else times)
        return "\n".join(blocks) + "\n"

    def events(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The text bit by bit."""
        if body.get("response_format") == "diarized_json":
            yield from self._spoken(body)
        for token in text.tokens(self.text):
            delta = {"type": "transcript.text.delta", "delta": token}
            yield {**delta, "logprobs": self._logprobs([token])} if body.get("include") else delta
        yield {"type": "transcript.text.done", **self.short(body)}

    def _usage(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if body["model"] == "whisper-1":
            return {"type": "duration", "seconds": self.seconds}
        heard, asked = round(self.seconds * _TOKENS_A_SECOND), text.count(body.get("prompt") or "")
        written = text.count(self.text)
        return {
            "type": "tokens",
            "input_tokens": heard + asked,
            "input_token_details": {"audio_tokens": heard, "text_tokens": asked},
            "output_tokens": written,
            "total_tokens": heard + asked + written,
        }

    def _logprobs(self, tokens: list[str]) -> list[dict[str, Any]]:
        known = text.log_probabilities(self.state, tokens, 0)
        return [{name: each[name] for name in ("token", "logprob", "bytes")} for each in known]

    def _sentences(self) -> list[_Piece]:
        return self._timed(_SENTENCE.findall(self.text))

    def _timed(self, parts: list[str]) -> list[_Piece]:
        """Parts of the text, each of which takes as much time as it has letters."""
        letters = sum(map(len, parts)) or 1
        pieces, before = [], 0
        for part in parts:
            edges = (before / letters * self.seconds, (before + len(part)) / letters * self.seconds)
            pieces.append(_Piece(part, *(round(edge, 3) for edge in edges)))
            before += len(part)
        return pieces

    def _segment(self, number: int, piece: _Piece) -> dict[str, Any]:
        tokens = text.tokens(piece.text)
        chances = [each["logprob"] for each in self._logprobs(tokens)]
        return {
            "id": number,
            "seek": round(piece.start * 100),
            "start": piece.start,
            "end": piece.end,
            "text": piece.text,
            "tokens": [self.state.chance(50_000, "token", token) for token in tokens],
            "temperature": 0.0,
            "avg_logprob": sum(chances) / (len(chances) or 1),
            "compression_ratio": 1.0,
            "no_speech_prob": 0.0,
        }

    def _spoken(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        names = body.get("known_speaker_names") or ["A", "B"]
        for number, piece in enumerate(self._sentences()):
            yield {
                "type": "transcript.text.segment",
                "id": f"seg_{number:03}",
                "start": piece.start,
                "end": piece.end,
                "text": piece.text,
                "speaker": names[number % len(names)],
            }


def _clock(seconds: float, comma: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, thousandths = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}{comma}{thousandths % 1000:03}"
