"""What goes into a file without its secrets: what has the name of one, what looks like one, what is known as one.

What is left can be read as before: of data in JSON only texts are changed, and of a stream the events are all there,
also where a secret came in pieces.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from openai_core.logs import is_secret, secret_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HIDDEN: Final = "***"
"""What stands in the place of a secret."""

# Servers that want no key are given a word, which may as well be a model's name, or be meant as a word.
_WORD: Final = re.compile(r"[A-Z]?[a-z]{1,14}|[A-Z]{1,10}")
_PLACEHOLDERS: Final = frozenset(
    {"lm-studio", "llama-cpp", "llama.cpp", "no-key", "no-key-required", "not-needed", "not-required", "not-used"}
)
# Of a shorter one the like may be anywhere.
_SHORTEST: Final = 4
# These make words of words: what is cut off a key looks like one.
_WORDS: Final = re.compile(r"[a-z]{1,14}([-_./][a-z]{1,14})*|[A-Z]?[a-z]{1,14}|[A-Z]{1,10}")
_LONGEST_WORDS: Final = 20
# So many characters of a secret are too many to be shown.
_BEGUN: Final = 8
# What an object with a secret in it tells besides, and the words of a JSON schema.
_TELLING: Final = frozenset({"id", "object", "type", "name", "domain", "description", "title", "format", "$ref"})
# By these, events tell which text they go on with.
_PLACES: Final = ("type", "index", "output_index", "content_index", "summary_index", "item_id")
_LINE: Final = re.compile(rb"[^\r\n]+")
_DATA: Final = b"data:"


class _Text:
    """A text somewhere in some data, and where it can be replaced."""

    __slots__ = ("holder", "key", "text")

    def __init__(self, holder: Any, key: Any, text: str) -> None:
        self.holder = holder
        self.key = key
        self.text = text

    def replace(self, text: str) -> bool:
        """Put another text in its place; whether it is another one."""
        if text == self.text:
            return False
        self.holder[self.key] = text
        if _is_token(self.holder):
            # The same piece once more, and what may have stood in its place.
            for name, nothing in (("bytes", None), ("top_logprobs", [])):
                if name in self.holder:
                    self.holder[name] = nothing
        return True


class Redactor:
    """Takes secrets out.

    Args:
        known: what was sent as a secret. Of these, single words are left where they are, a few names that are common in
            the place of a key (`not-needed`), what is shorter than four characters, and short numbers. Shorter than
            eight, one is found where it stands alone, and not as a piece of another word.
    """

    def __init__(self, known: Iterable[str]) -> None:
        secrets = [each for each in dict.fromkeys(known) if _is_key(each)]
        self._known = [each for each in secrets if len(each) >= _BEGUN]
        short = "|".join(re.escape(each) for each in secrets if len(each) < _BEGUN)
        self._short = re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None
        # They come again in each event of a stream.
        self._names: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A text without what looks like a secret, or is known as one."""
        return self._joined([text])[0]

    def data(self, value: Any) -> Any:
        """A copy of some data in JSON without its secrets."""
        holder = [self._renamed(deepcopy(value))]
        for found in self._hide_by_name(holder, secret=False):
            found[-1].replace(self.text(found[-1].text))
        return holder[0]

    def edits(self, content: bytes, name: str = "") -> list[tuple[int, int, bytes]]:
        """What to replace in an answer: from which byte on, up to which, and by what; in order.

        Args:
            content: all of it: JSON, lines of JSON, events, or anything else.
            name: what was asked for: where it names a secret, the answer's `value` is one.
        """
        documents = list(_documents(content))
        if not documents:
            return self._in_text(content, 0)
        secret = is_secret(name)
        streamed = any(content[max(0, start - 6) : start].lstrip().startswith(_DATA) for start, _, _ in documents)
        groups: dict[Any, list[tuple[int, _Text]]] = defaultdict(list)
        changed: set[int] = set()
        for number, (_, _, holder) in enumerate(documents):
            before = json.dumps(holder)
            holder[0] = self._renamed(holder[0])
            for *place, text in self._hide_by_name(holder, secret=secret):
                together = streamed or _is_token(text.holder)
                groups[tuple(place) if together else (number, id(text))].append((number, text))
            if json.dumps(holder) != before:
                changed.add(number)
        for group in groups.values():
            texts = [text.text for _, text in group]
            # The same over and over is no text in pieces.
            hidden = self._joined(texts) if len(set(texts)) > 1 else [self.text(text) for text in texts]
            changed |= {number for (number, text), new in zip(group, hidden, strict=True) if text.replace(new)}
        edits = [(*documents[number][:2], _written(documents[number][2][0])) for number in changed]
        for start, end in _between([(start, end) for start, end, _ in documents], len(content)):
            edits += self._in_text(content[start:end], start)
        return sorted(edits)

    def _joined(self, texts: Sequence[str]) -> list[str]:
        """The pieces of a text without what is secret in the whole."""
        spans = self._spans("".join(texts))
        if not spans:
            return list(texts)
        hidden, begin = [], 0
        for text in texts:
            shown, at, end = "", begin, begin + len(text)
            for first, last in spans:
                if first < end and last > begin:
                    shown += text[at - begin : max(first, begin) - begin] + (HIDDEN if first >= begin else "")
                    at = min(last, end)
            hidden.append(shown + text[at - begin :])
            begin = end
        return hidden

    def _renamed(self, value: Any) -> Any:
        """The same data, in which no field has a secret for its name: data has users' own words for names at times."""
        if isinstance(value, list):
            value[:] = map(self._renamed, value)
        elif isinstance(value, dict):
            told = [(self._name(name), self._renamed(inner)) for name, inner in value.items()]
            value.clear()
            value.update(told)
        return value

    def _name(self, name: str) -> str:
        if name not in self._names:
            self._names[name] = self.text(name)
        return self._names[name]

    def _spans(self, text: str) -> list[tuple[int, int]]:
        spans = secret_spans(text, self._known)
        if self._short:
            spans = sorted(
                {*spans, *(match.span() for match in self._short.finditer(text) if not _within(match, spans))}
            )
        end = spans[-1][1] if spans else 0
        for secret in self._known:
            # An answer may have ended in the midst of one.
            for size in range(min(len(secret) - 1, len(text) - end), _BEGUN - 1, -1):
                if text.endswith(secret[:size]) and _is_random(secret[:size]):
                    return [*spans, (len(text) - size, len(text))]
        return spans

    def _in_text(self, content: bytes, offset: int) -> list[tuple[int, int, bytes]]:
        try:
            text, is_text = content.decode(), True
        except UnicodeDecodeError:
            # One character for each byte, of which none is a letter that isn't.
            text, is_text = content.decode("ascii", "surrogateescape"), False
        spans = self._spans(text)
        if not is_text:
            # A picture or a sound has its length in it.
            return [(offset + start, offset + end, b"*" * (end - start)) for start, end in spans]
        sizes = [(len(text[:start].encode()), len(text[:end].encode())) for start, end in spans]
        return [(offset + start, offset + end, HIDDEN.encode()) for start, end in sizes]

    def _hide_by_name(self, holder: list[Any], *, secret: bool) -> Iterator[tuple[Any, ...]]:
        """Hide what has the name of a secret; gives each other text, behind what tells texts of a stream apart."""
        yield from _walk(holder, 0, (), (), secret=secret)


def _walk(holder: Any, key: Any, path: tuple[str, ...], places: tuple[Any, ...], *, secret: bool) -> Iterator[Any]:
    """As `Redactor._hide_by_name`; `secret` says whether the name of what is in there is one of a secret."""
    value = holder[key]
    if isinstance(value, str):
        yield (path, places, _Text(holder, key, value))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if secret and path and isinstance(inner, str):
                value[number] = HIDDEN
            else:
                yield from _walk(value, number, path, places, secret=secret)
    elif isinstance(value, dict):
        places = (*places, *(value[name] for name in _PLACES if isinstance(value.get(name), (str, int))))
        for name, inner in value.items():
            if _names_a_secret(name, value, path, secret=secret):
                if isinstance(inner, str):
                    value[name] = HIDDEN
                    continue
                yield from _walk(value, name, (*path, name), places, secret=True)
            else:
                yield from _walk(value, name, (*path, name), places, secret=False)


def _names_a_secret(name: str, within: dict[str, Any], path: tuple[str, ...], *, secret: bool) -> bool:
    if is_secret(name):
        return not _is_token(within)
    kind = within.get("object")
    if name == "value":
        return secret or (isinstance(kind, str) and is_secret(kind))
    holds = (secret and path) or (path and path[-1].lower().endswith("headers"))
    return bool(holds) and isinstance(within[name], str) and name not in _TELLING


def _is_token(holder: Any) -> bool:
    """Whether it says how likely a piece of text was: that is a token, too."""
    return isinstance(holder, dict) and "logprob" in holder


def _is_key(secret: str) -> bool:
    """Whether it is nothing that may be meant as a word."""
    if len(secret) < _BEGUN and (len(secret) < _SHORTEST or secret.isdecimal()):
        return False
    return not _WORD.fullmatch(secret) and secret not in _PLACEHOLDERS


def _is_random(begun: str) -> bool:
    """Whether what a secret begins with can't be mistaken for words."""
    return len(begun) > _LONGEST_WORDS or not _WORDS.fullmatch(begun)


def _within(match: re.Match[str], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _documents(content: bytes) -> Iterator[tuple[int, int, list[Any]]]:
    """What is JSON in some content: from where, up to where, and the data in a list of one."""
    if (value := _read(content)) is not None:
        yield 0, len(content), [value]
        return
    for line in _LINE.finditer(content):
        start = line.start()
        if line[0].startswith(_DATA):
            start += len(_DATA) + (line[0][len(_DATA) : len(_DATA) + 1] == b" ")
        if (value := _read(content[start : line.end()])) is not None:
            yield start, line.end(), [value]


def _read(content: bytes) -> Any:
    if content.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _between(spans: Iterable[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    begin = 0
    for start, end in spans:
        yield begin, start
        begin = end
    yield begin, length
