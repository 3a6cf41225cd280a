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

import inspect
import random
import time
from collections.abc import Callable, Generator
from functools import partial
from itertools import count
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from openai_core.errors import ConfigurationError, DeadlineExceededError, InvalidRequestError
from openai_core.method import Awaited, BoundFunction, Descriptor
from openai_core.options import checked, merged
from openai_core.pagination import Walk
from openai_core.response import Response
from openai_core.retrying import Deadline

if TYPE_CHECKING:
    import os
    from collections.abc import Coroutine, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from typing import Self

    from openai_core.binary import AsyncBinary, Binary
    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.operation import AnyOperation, BinaryOperation, Operation, PagedOperation
    from openai_core.options import RequestOptions

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
    result: T = yield _Send(operation)
    return result


def send_raw(operation: Operation[T]) -> Steps[Response[T]]:
    """Send an operation; gives the whole response."""
    response: Response[T] = yield _SendRaw(operation)
    return response


def save(
    operation: BinaryOperation,
    path: str | os.PathLike[str],
    *,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> Steps[Path]:
    """Write what an operation answers to a file as it comes in; gives its path. As `Binary.save`."""
    saved: Path = yield _Save(operation, path, on_progress)
    return saved


def read(operation: BinaryOperation) -> Steps[bytes]:
    """Fetch the bytes that an operation answers."""
    content: bytes = yield _Read(operation)
    return content


def pause(seconds: float, *, meanwhile: str = "") -> Steps[None]:
    """Do nothing for a while.

    Args:
        seconds: how long.
        meanwhile: what is waited for, to tell when the deadline doesn't leave the time.
    """
    yield _Pause(seconds, meanwhile)


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
    return (yield _Call(function, args))


def can_call(function: Callable[..., Any], *, is_async: bool) -> Steps[None]:
    """Make sure that a function can be called later.

    Raises:
        InvalidRequestError: as `call`.
    """
    yield _CanCall(function, is_async=is_async)


def within(seconds: float | None) -> Steps[None]:
    """Be done with all further steps in so many seconds; an earlier deadline stays. `None` sets none.

    Raises:
        ConfigurationError: if it isn't a number above 0.
    """
    if seconds is not None:
        checked({"deadline": seconds})
        yield _Within(seconds)


def tell(listener: Callable[[T], object] | None, said: T) -> Steps[None]:
    """Call what the caller wants to be called, if anything; in an async client it may be a coroutine function."""
    if listener is not None:
        yield _Tell(listener, said)


def together(many: Iterable[Steps[T]], *, limit: int) -> Steps[list[T]]:
    """Take several sequences of steps at once; gives their results, in order.

    After a failure none is begun any more; those that are under way are finished, and the first failure is raised.

    Args:
        many: the sequences, each taken from the iterable when its turn comes.
        limit: how many are under way at a time, 1 or more.
    """
    results: list[T] = yield _Together(iter(many), limit)
    return results


def every(operation: PagedOperation[Any, Item]) -> Steps[list[Item]]:
    """All items of a list, from all its pages."""
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
    for number in count():
        # Not for secrets: many who wait for the same thing shall not look at the same moment.
        yield min(_LONGEST_WAIT, _FIRST_WAIT * _GROWTH ** min(number, 60)) * random.uniform(0.75, 1)  # noqa: S311


class _Run:
    """What a run of steps goes by. Pure.

    Args:
        client: of either colour.
        options: those of the method's group.
        deadline: when to be done.
    """

    def __init__(self, client: Any, options: RequestOptions | None, deadline: Deadline | None = None) -> None:
        self.client = client
        self._options = options
        self.deadline = deadline
        self._last: Any = None

    def prepared(self, operation: AnyOperation) -> tuple[AnyOperation, Deadline | None]:
        """What to send, and until when."""
        operation.options = merged(self._options, operation.options)
        if self.deadline is None:
            # The first operation's counts for all steps.
            self.deadline = self.client._deadline(operation)  # noqa: SLF001 - of this package
        return operation, self.deadline

    def within(self, seconds: float) -> None:
        """Be done earlier, if that is earlier."""
        if self.deadline is None or seconds < self.deadline.left():
            self.deadline = Deadline(seconds)

    def pause(self, seconds: float, meanwhile: str) -> float:
        """How long to wait.

        Raises:
            DeadlineExceededError: if that is longer than the deadline leaves.
        """
        if self.deadline and seconds >= self.deadline.left():
            state = f"; {meanwhile}" if meanwhile else ""
            raise DeadlineExceededError(
                f"the deadline of {self.deadline.seconds:g} s leaves no time to wait on{state}. "
                "It may go on at the server: wait again, with a later deadline (this error's `.last` is what was seen)"
            )
        return seconds

    def answered(self, outcome: Any) -> None:
        """Note what a step has given."""
        if outcome is not None:
            self._last = outcome

    def explained(self, error: BaseException) -> BaseException:
        """An error, which tells of what was seen last if the time is over."""
        if isinstance(error, DeadlineExceededError) and error.last is None:
            error.last = self._last.parse() if isinstance(self._last, Response) else self._last
        return error

    def branch(self) -> _Run:
        """The same, for steps beside these ones."""
        return _Run(self.client, self._options, self.deadline)


class Step(Protocol):
    """One thing to be done; its outcome goes back to who asked for it."""

    def do(self, run: _Run) -> Any:
        """Do it."""
        ...

    async def do_async(self, run: _Run) -> Any:
        """Do it in an event loop."""
        ...


class _Send:
    def __init__(self, operation: AnyOperation) -> None:
        self.operation = operation

    def do(self, run: _Run) -> Any:
        return run.client._send_whole(*run.prepared(self.operation)).parse()  # noqa: SLF001

    async def do_async(self, run: _Run) -> Any:
        return (await run.client._send_whole(*run.prepared(self.operation))).parse()  # noqa: SLF001


class _SendRaw(_Send):
    def do(self, run: _Run) -> Any:
        return run.client._send_whole(*run.prepared(self.operation))  # noqa: SLF001

    async def do_async(self, run: _Run) -> Any:
        return await run.client._send_whole(*run.prepared(self.operation))  # noqa: SLF001


class _Read(_Send):
    def do(self, run: _Run) -> Any:
        return self._open(run).read()

    async def do_async(self, run: _Run) -> Any:
        return await (await self._open_async(run)).read()

    def _open(self, run: _Run) -> Binary:
        from openai_core.binary import Binary

        return Binary(run.client._open(*run.prepared(self.operation)))  # noqa: SLF001

    async def _open_async(self, run: _Run) -> AsyncBinary:
        from openai_core.binary import AsyncBinary

        return AsyncBinary(await run.client._open(*run.prepared(self.operation)))  # noqa: SLF001


class _Save(_Read):
    def __init__(
        self,
        operation: BinaryOperation,
        path: str | os.PathLike[str],
        on_progress: Callable[[int, int | None], None] | None,
    ) -> None:
        super().__init__(operation)
        self.path = path
        self.on_progress = on_progress

    def do(self, run: _Run) -> Any:
        return self._open(run).save(self.path, on_progress=self.on_progress)

    async def do_async(self, run: _Run) -> Any:
        return await (await self._open_async(run)).save(self.path, on_progress=self.on_progress)


class _CanCall:
    def __init__(self, function: Callable[..., Any], *, is_async: bool) -> None:
        self.function = function
        self.is_async = is_async

    def do(self, run: _Run) -> None:  # noqa: ARG002
        if self.is_async:
            raise _only_awaited(self.function)

    async def do_async(self, run: _Run) -> None:
        pass


class _Call:
    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.function = function
        self.args = args

    def do(self, run: _Run) -> Any:
        if inspect.iscoroutinefunction(self.function):
            raise _only_awaited(self.function)
        deadline = run.deadline
        if deadline is None:
            return self.function(*self.args)
        from concurrent.futures import wait

        deadline.check()
        running = _begun(self.function, self.args)
        # No TimeoutError tells of it, for the function may raise one, too.
        if wait([running], deadline.left()).not_done:
            raise deadline.error()
        return running.result()

    async def do_async(self, run: _Run) -> Any:
        import asyncio

        deadline = run.deadline
        if deadline:
            deadline.check()
        timer = asyncio.timeout(deadline.left() if deadline else None)
        try:
            async with timer:
                if inspect.iscoroutinefunction(self.function):
                    return await self.function(*self.args)
                return await asyncio.wrap_future(_begun(self.function, self.args))
        except TimeoutError:
            if deadline is None or not timer.expired():
                raise
            raise deadline.error() from None


def _begun(function: Callable[..., Any], args: tuple[Any, ...]) -> Future[Any]:
    """Call a function in a thread of its own, for which nobody waits at the end of the program."""
    import contextvars
    from concurrent import futures

    outcome: Future[Any] = futures.Future()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            outcome.set_result(function(*args))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
            outcome.set_exception(error)

    Thread(target=contextvars.copy_context().run, args=(run,), name="openai-core", daemon=True).start()
    return outcome


def _only_awaited(function: Callable[..., Any]) -> InvalidRequestError:
    name = getattr(function, "__qualname__", repr(function))
    return InvalidRequestError(f"{name} is async, and only AsyncClient can await it; make it a plain function")


class _Pause:
    def __init__(self, seconds: float, meanwhile: str) -> None:
        self.seconds = seconds
        self.meanwhile = meanwhile

    def do(self, run: _Run) -> None:
        time.sleep(run.pause(self.seconds, self.meanwhile))

    async def do_async(self, run: _Run) -> None:
        import asyncio

        await asyncio.sleep(run.pause(self.seconds, self.meanwhile))


class _Tell:
    def __init__(self, listener: Callable[[Any], object], said: Any) -> None:
        self.listener = listener
        self.said = said

    def do(self, run: _Run) -> None:  # noqa: ARG002 - as all steps are done
        told = self.listener(self.said)
        if inspect.iscoroutine(told):
            told.close()
            raise TypeError("a coroutine function is awaited by an AsyncClient alone; pass a plain function")

    async def do_async(self, run: _Run) -> None:  # noqa: ARG002 - as above
        told = self.listener(self.said)
        if inspect.isawaitable(told):
            await told


class _Within:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def do(self, run: _Run) -> None:
        run.within(self.seconds)

    async def do_async(self, run: _Run) -> None:
        run.within(self.seconds)


class _Together:
    def __init__(self, many: Iterator[Steps[Any]], limit: int) -> None:
        if limit < 1:
            raise ValueError(f"at least one at a time, not {limit}")
        self._numbered = enumerate(many)
        self._limit = limit
        self._lock = Lock()
        self._results: dict[int, Any] = {}
        self._failures: list[BaseException] = []

    def _next(self) -> tuple[int, Steps[Any]] | None:
        # A generator can't be entered by two threads at once.
        with self._lock:
            return None if self._failures else next(self._numbered, None)

    def _outcome(self) -> list[Any]:
        if self._failures:
            raise self._failures[0]
        return [self._results[number] for number in sorted(self._results)]

    def do(self, run: _Run) -> list[Any]:
        import contextvars
        from concurrent.futures import ThreadPoolExecutor

        def work() -> None:
            try:
                while (numbered := self._next()) is not None:
                    self._results[numbered[0]] = _walk(run.branch(), numbered[1])
            except BaseException as error:  # noqa: BLE001 - it is raised where the results are wanted
                self._failures.append(error)

        with ThreadPoolExecutor(self._limit, thread_name_prefix="openai-core") as threads:
            try:
                for done in [threads.submit(contextvars.copy_context().run, work) for _ in range(self._limit)]:
                    done.result()
            except BaseException as error:
                self._failures.append(error)
                raise
        return self._outcome()

    async def do_async(self, run: _Run) -> list[Any]:
        import asyncio

        async def work() -> None:
            try:
                while (numbered := self._next()) is not None:
                    self._results[numbered[0]] = await _walk_async(run.branch(), numbered[1])
            except Exception as error:  # noqa: BLE001 - as above; a cancelled task is cancelled
                self._failures.append(error)

        await asyncio.gather(*(work() for _ in range(self._limit)))
        return self._outcome()


def _walk(run: _Run, steps: Steps[T]) -> T:
    resume: Callable[[], Step] = steps.__next__
    while True:
        try:
            step = resume()
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            outcome = step.do(run)
        except BaseException as error:  # noqa: BLE001 - the steps may have something to undo
            resume = partial(steps.throw, run.explained(error))
        else:
            run.answered(outcome)
            resume = partial(steps.send, outcome)


async def _walk_async(run: _Run, steps: Steps[T]) -> T:
    resume: Callable[[], Step] = steps.__next__
    while True:
        try:
            step = resume()
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            outcome = await step.do_async(run)
        except BaseException as error:  # noqa: BLE001 - as above
            resume = partial(steps.throw, run.explained(error))
        else:
            run.answered(outcome)
            resume = partial(steps.send, outcome)


class BoundStepsMethod(BoundFunction[P, Steps[T]], Generic[P, T]):
    """Takes several calls."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return _walk(_Run(self._client, self._options), self._built(*args, **kwargs))


class BoundAsyncStepsMethod(Awaited, BoundFunction[P, Steps[T]], Generic[P, T]):
    """Takes several calls."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return _walk_async(_Run(self._client, self._options), self._built(*args, **kwargs))


class StepsMethod(Descriptor[P, Steps[T]], Generic[P, T]):
    """A method of several calls that gives a `T`."""

    __slots__ = ()
    bound = BoundStepsMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundStepsMethod[P, T]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundStepsMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncStepsMethod(Descriptor[P, Steps[T]], Generic[P, T]):
    """A method of several calls that, awaited, gives a `T`."""

    __slots__ = ()
    bound = BoundAsyncStepsMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncStepsMethod[P, T]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncStepsMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]
