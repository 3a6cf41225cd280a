"""Where two values differ, for people, and what is said of a request that nothing was prepared for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from openai_core.logs import redacted, without_secrets
from openai_core.testing.redacting import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openai_core.testing.sent import SentRequest

_SHOWN: Final = 300
_DIFFERENCES: Final = 6
_PLACES: Final = 6
# Of a long text, what comes before the first difference is left out but for so many characters.
_LONG: Final = 60
_BEFORE: Final = 20


class UnexpectedRequestError(AssertionError):
    """A request that there is no answer for. It says how the request differs from the ones that there are."""


def compared(place: str, sent: Any, known: Any) -> Iterator[str]:
    """Where two values differ, each in a line, the first place first."""
    if isinstance(sent, dict) and isinstance(known, dict):
        for name in sorted(sent.keys() | known.keys()):
            yield from compared(f"{place}.{name}", sent.get(name, _ABSENT), known.get(name, _ABSENT))
    elif isinstance(sent, list) and isinstance(known, list):
        for number, (one, other) in enumerate(zip(sent, known, strict=False)):
            yield from compared(f"{place}[{number}]", one, other)
        if len(sent) != len(known):
            yield f"{place} has {_items(sent)}, and not {len(known)}{_beyond(place, sent, known)}"
    elif not _same(sent, known):
        name, start = place.rpartition(".")[2], 0
        if isinstance(sent, str) and isinstance(known, str):
            # What looks like a secret is taken out before a part of it could be cut off.
            sent, known = without_secrets(sent), without_secrets(known)
            alike = next((n for n, pair in enumerate(zip(sent, known, strict=False)) if pair[0] != pair[1]), 0)
            start = max(0, alike - _BEFORE) if alike > _LONG else 0
        yield f"{place} is {_shown(sent, name, start)}, and not {_shown(known, name, start)}"


def unexpected(
    sent: SentRequest, known: Iterable[SentRequest], used: Iterable[SentRequest] = (), advice: str = ""
) -> UnexpectedRequestError:
    """The error for a request that isn't known.

    Args:
        sent: the request.
        known: those that could have been sent.
        used: those that could have been, and were.
        advice: what to do next, if there is more to say.
    """
    known, used = list(known), list(used)
    place = (sent.method, sent.path)
    here, there = ([each for each in some if (each.method, each.path) == place] for some in (known, used))
    lines = [f"{sent.method} {sent.path} isn't expected"]
    if here:
        lines += [f"what comes closest is {sent.method} {sent.path}, but", *_differences(sent, here)]
    elif there:
        differences = _differences(sent, there)
        lines.append(f"what there was for it is used up: {len(there)} {'answer' if len(there) == 1 else 'answers'}")
        if differences:
            lines += ["and what comes closest of that differs:", *differences]
    elif known:
        places = list(dict.fromkeys(f"{each.method} {each.path}" for each in known))
        more = f", and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        lines.append(f"what is expected is {', '.join(places[:_PLACES])}{more}")
    else:
        lines.append("nothing is, or is any more")
    return UnexpectedRequestError("\n".join([*lines, advice] if advice else lines))


def tell_again(missed: Sequence[UnexpectedRequestError], error: BaseException | None) -> None:
    """Say at the end of a test what was unexpected in it, unless it ends with just that.

    Args:
        missed: the errors that were raised; code under test may have caught them.
        error: what the test ends with.

    Raises:
        UnexpectedRequestError: if it seems to end well.
    """
    if not missed:
        return
    if error is None:
        raise UnexpectedRequestError(
            "\n".join(["something caught the error that says:", *dict.fromkeys(map(str, missed))])
        )
    if not any(each in missed for each in _chain(error)):
        error.add_note("\n".join(["before that, something caught the error that says:", str(missed[0])]))


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        for inner in getattr(found, "exceptions", ()):
            yield from _chain(inner)
        found = found.__cause__ or found.__context__


def _differences(sent: SentRequest, known: Iterable[SentRequest]) -> list[str]:
    found = min((sent.differences(each) for each in known), key=len)
    more = [f"… and {len(found) - _DIFFERENCES} more differences"] if len(found) > _DIFFERENCES else []
    return [f"  {difference}" for difference in [*found[:_DIFFERENCES], *more]]


def _same(sent: Any, known: Any) -> bool:
    if isinstance(sent, str) and isinstance(known, str) and HIDDEN in known:
        return re.fullmatch(".*?".join(map(re.escape, known.split(HIDDEN))), sent, re.DOTALL) is not None
    return bool(sent == known)


def _items(values: list[Any]) -> str:
    return f"{len(values)} {'item' if len(values) == 1 else 'items'}"


def _beyond(place: str, sent: list[Any], known: list[Any]) -> str:
    """The first item that one of two lists has beyond the other."""
    which, longer = ("too much", sent) if len(sent) > len(known) else ("missing", known)
    number = min(len(sent), len(known))
    return f"; {which} is {place}[{number}], {_shown(longer[number])}"


class _Absent:
    """Stands for a field that isn't there."""


_ABSENT: Final = _Absent()


def _shown(value: Any, name: str = "", start: int = 0) -> str:
    if value is _ABSENT:
        return "absent"
    return repr(redacted(f"…{value[start:]}" if start else value, name))[:_SHOWN]
