"""Methods that take several calls, such as waiting until a file is processed, written once for both colours.

A function gives *steps*: it is a generator that yields what is to be done next, gets the outcome back, and returns the
result. It does no I/O itself, so the same function serves both clients:

    def wait(video_id: str, *, deadline: float | None = None) -> Steps[Video]:
        yield from within(deadline)
        while (video := (yield from send(videos.retrieve(video_id)))).status != "completed":
            yield from pause(1.0)
        return video

`StepsMethod` and `AsyncStepsMethod` make it a method of a group.
"""

# A docstring is no override of the property `__doc__`, as pyright would have it.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeAlias, TypeVar, overload

from openai_core.errors import ConfigurationError
from openai_core.method import Awaited, BoundFunction, Descriptor
from openai_core.options import checked
from openai_core.stepping import (
    Call,
    CanCall,
    Pause,
    Read,
    Run,
    Save,
    Send,
    SendRaw,
    Tell,
    Together,
    Within,
    walk,
    walk_async,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Coroutine, Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.operation import BinaryOperation, Operation, PagedOperation
    from openai_core.response import Response
    from openai_core.stepping import Step

__all__ = [
    "AsyncStepsMethod",
    "Steps",
    "StepsMethod",
    "call",
    "can_call",
    "every",
    "pause",
    "read",
    "save",
    "send",
    "send_raw",
    "tell",
    "together",
    "until",
    "within",
]

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

Steps: TypeAlias = Generator["Step", Any, T]
"""What is to be done, one after the other, until there is a `T`."""

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 10.0
_GROWTH: Final = 1.5
_POLL_AFTER: Final = "openai-poll-after-ms"


def send(operation: Operation[T]) -> Steps[T]:
    """Send an operation; gives its answer (of a list: the first page)."""
    result: T = yield Send(operation)
    return result


def send_raw(operation: Operation[T]) -> Steps[Response[T]]:
    """Send an operation; gives the whole response."""
    response: Response[T] = yield SendRaw(operation)
    return response


def save(
    operation: BinaryOperation,
    path: str | os.PathLike[str],
    *,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> Steps[Path]:
    """Write what an operation answers to a file as it comes in; gives its path. As `Binary.save`."""
    saved: Path = yield Save(operation, path, on_progress)
    return saved


def read(operation: BinaryOperation) -> Steps[bytes]:
    """Fetch the bytes that an operation answers."""
    content: bytes = yield Read(operation)
    return content


def pause(seconds: float, *, meanwhile: str = "") -> Steps[None]:
    """Do nothing for a while.

    Args:
        seconds: how long.
        meanwhile: what is waited for, to tell when the deadline doesn't leave the time.
    """
    yield Pause(seconds, meanwhile)


def call(function: Callable[..., Any], *args: Any) -> Steps[Any]:
    """Call a function of the user's; gives what it returns.

    In an event loop an async function is awaited, and a plain one runs in a thread of its own, so that it holds nothing
    up. A sync client calls it where it is (under `together`, in a thread of that), but with a deadline in a thread of
    its own as well.

    Args:
        function: plain, or for an async client alone: async.
        args: what to call it with.

    Raises:
        DeadlineExceededError: if the time is over. A thread can't be stopped: what runs in one is left to itself, and
            ends with the program at the latest.
        InvalidRequestError: if it is async and the client isn't.
    """
    return (yield Call(function, args))


def can_call(function: Callable[..., Any], *, is_async: bool) -> Steps[None]:
    """Make sure that a function can be called later.

    Raises:
        InvalidRequestError: as `call`.
    """
    yield CanCall(function, is_async=is_async)


def within(seconds: float | None) -> Steps[None]:
    """Be done with all further steps in so many seconds; an earlier deadline stays. `None` sets none.

    Raises:
        ConfigurationError: if it isn't a number above 0.
    """
    if seconds is not None:
        checked({"deadline": seconds})
        yield Within(seconds)


def tell(listener: Callable[[T], object] | None, said: T) -> Steps[None]:
    """Call what the caller wants to be called, if anything; in an async client it may be a coroutine function."""
    if listener is not None:
        yield Tell(listener, said)


def together(many: Iterable[Steps[T]], *, limit: int) -> Steps[list[T]]:
    """Take several sequences of steps at once; gives their results, in order.

    After a failure none is begun any more; those that are under way are finished, and the first failure is raised.

    Args:
        many: the sequences, each taken from the iterable when its turn comes.
        limit: how many are under way at a time, 1 or more.
    """
    results: list[T] = yield Together(iter(many), limit)
    return results


def every(operation: PagedOperation[Any, Item]) -> Steps[list[Item]]:
    """All items of a list, from all its pages."""
    from openai_core.pagination import Walk

    walk = Walk(operation)
    items: list[Item] = []
    following: PagedOperation[Any, Item] | None = operation
    while following is not None:
        page = yield from send(following)
        items += getattr(page, "data", None) or []
        following = walk.next(page)
    return items


def until(
    look: Operation[T],
    done: Callable[[T], bool],
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[T], None] | None = None,
) -> Steps[T]:
    """Look again and again until something is done; gives what was seen last.

    Args:
        look: what shows how far it is.
        done: whether it has come to its end.
        interval: seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: seconds after which to give up.
        on_progress: told what each look has shown. In an async client it may be a coroutine function.

    Raises:
        DeadlineExceededError: if it isn't done in time, or can't be, because the next look would come too late. Its
            `last` is what was seen last.
    """
    yield from within(deadline)
    if interval is not None and not (isinstance(interval, (int, float)) and interval >= 0):
        raise ConfigurationError(f"interval must be a number of seconds, 0 or more, not {interval!r}")
    for wait in _waits() if interval is None else iter(lambda: interval, None):
        response = yield from send_raw(look)
        seen = response.parse()
        yield from tell(on_progress, seen)
        if done(seen):
            return seen
        asked = response.headers.get(_POLL_AFTER, "") if interval is None else ""
        state = getattr(seen, "status", None)
        yield from pause(int(asked) / 1000 if asked.isdecimal() else wait, meanwhile=f"the status is {state!r}")
    raise AssertionError("waits have no end")  # pragma: no cover


def _waits() -> Iterator[float]:
    import random

    for number in count():
        # Not for secrets: many who wait for the same thing shall not look at the same moment.
        yield min(_LONGEST_WAIT, _FIRST_WAIT * _GROWTH ** min(number, 60)) * random.uniform(0.75, 1)  # noqa: S311


class BoundStepsMethod(BoundFunction[P, Steps[T]]):
    """Takes several calls."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return walk(Run(self._client, self._options), self._built(*args, **kwargs))


class BoundAsyncStepsMethod(Awaited, BoundFunction[P, Steps[T]]):
    """Takes several calls."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return walk_async(Run(self._client, self._options), self._built(*args, **kwargs))


class StepsMethod(Descriptor[P, Steps[T]]):
    """A method of several calls that gives a `T`."""

    __slots__ = ()
    bound = BoundStepsMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundStepsMethod[P, T]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundStepsMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncStepsMethod(Descriptor[P, Steps[T]]):
    """A method of several calls that, awaited, gives a `T`."""

    __slots__ = ()
    bound = BoundAsyncStepsMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncStepsMethod[P, T]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncStepsMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]
