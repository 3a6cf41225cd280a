"""How steps are done, in each colour: what a step does, and who takes one after the other. `steps` gives them."""

from __future__ import annotations

import inspect
import time
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from openai_core.errors import DeadlineExceededError, InvalidRequestError
from openai_core.options import merged
from openai_core.response import Response
from openai_core.retrying import Deadline

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from openai_core.binary import AsyncBinary, Binary
    from openai_core.operation import AnyOperation, BinaryOperation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps

T = TypeVar("T")


class Run:
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

    def branch(self) -> Run:
        """The same, for steps beside these ones."""
        return Run(self.client, self._options, self.deadline)


class Step(Protocol):
    """One thing to be done; its outcome goes back to who asked for it."""

    def do(self, run: Run) -> Any:
        """Do it."""
        ...

    async def do_async(self, run: Run) -> Any:
        """Do it in an event loop."""
        ...


class Send:
    """Send an operation."""

    def __init__(self, operation: AnyOperation) -> None:
        self.operation = operation

    def do(self, run: Run) -> Any:
        return run.client._send_raw(*run.prepared(self.operation)).parse()  # noqa: SLF001

    async def do_async(self, run: Run) -> Any:
        return (await run.client._send_raw(*run.prepared(self.operation))).parse()  # noqa: SLF001


class SendRaw(Send):
    """As `Send`, for the whole response."""

    def do(self, run: Run) -> Any:
        return run.client._send_raw(*run.prepared(self.operation))  # noqa: SLF001

    async def do_async(self, run: Run) -> Any:
        return await run.client._send_raw(*run.prepared(self.operation))  # noqa: SLF001


class Read(Send):
    """Fetch the bytes that an operation answers."""

    def do(self, run: Run) -> Any:
        return self._open(run).read()

    async def do_async(self, run: Run) -> Any:
        return await (await self._open_async(run)).read()

    def _open(self, run: Run) -> Binary:
        from openai_core.binary import Binary

        return Binary(run.client._open(*run.prepared(self.operation)))  # noqa: SLF001

    async def _open_async(self, run: Run) -> AsyncBinary:
        from openai_core.binary import AsyncBinary

        return AsyncBinary(await run.client._open(*run.prepared(self.operation)))  # noqa: SLF001


class Save(Read):
    """Write what an operation answers to a file."""

    def __init__(
        self,
        operation: BinaryOperation,
        path: str | os.PathLike[str],
        on_progress: Callable[[int, int | None], None] | None,
    ) -> None:
        super().__init__(operation)
        self.path = path
        self.on_progress = on_progress

    def do(self, run: Run) -> Any:
        return self._open(run).save(self.path, on_progress=self.on_progress)

    async def do_async(self, run: Run) -> Any:
        return await (await self._open_async(run)).save(self.path, on_progress=self.on_progress)


class CanCall:
    """Make sure that a function can be called."""

    def __init__(self, function: Callable[..., Any], *, is_async: bool) -> None:
        self.function = function
        self.is_async = is_async

    def do(self, run: Run) -> None:  # noqa: ARG002
        if self.is_async:
            raise _only_awaited(self.function)

    async def do_async(self, run: Run) -> None:
        pass


class Call:
    """Call a function of the user's."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.function = function
        self.args = args

    def do(self, run: Run) -> Any:
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

    async def do_async(self, run: Run) -> Any:
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


class Pause:
    """Do nothing for a while."""

    def __init__(self, seconds: float, meanwhile: str) -> None:
        self.seconds = seconds
        self.meanwhile = meanwhile

    def do(self, run: Run) -> None:
        time.sleep(run.pause(self.seconds, self.meanwhile))

    async def do_async(self, run: Run) -> None:
        import asyncio

        await asyncio.sleep(run.pause(self.seconds, self.meanwhile))


class Tell:
    """Call what the caller wants to be called."""

    def __init__(self, listener: Callable[[Any], object], said: Any) -> None:
        self.listener = listener
        self.said = said

    def do(self, run: Run) -> None:  # noqa: ARG002 - as all steps are done
        told = self.listener(self.said)
        if inspect.iscoroutine(told):
            told.close()
            raise TypeError("a coroutine function is awaited by an AsyncClient alone; pass a plain function")

    async def do_async(self, run: Run) -> None:  # noqa: ARG002 - as above
        told = self.listener(self.said)
        if inspect.isawaitable(told):
            await told


class Within:
    """Be done with all further steps in time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def do(self, run: Run) -> None:
        run.within(self.seconds)

    async def do_async(self, run: Run) -> None:
        run.within(self.seconds)


class Together:
    """Take several sequences of steps at once."""

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

    def do(self, run: Run) -> list[Any]:
        import contextvars
        from concurrent.futures import ThreadPoolExecutor

        def work() -> None:
            try:
                while (numbered := self._next()) is not None:
                    self._results[numbered[0]] = walk(run.branch(), numbered[1])
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

    async def do_async(self, run: Run) -> list[Any]:
        import asyncio

        async def work() -> None:
            try:
                while (numbered := self._next()) is not None:
                    self._results[numbered[0]] = await walk_async(run.branch(), numbered[1])
            except Exception as error:  # noqa: BLE001 - as above; a cancelled task is cancelled
                self._failures.append(error)

        await asyncio.gather(*(work() for _ in range(self._limit)))
        return self._outcome()


def walk(run: Run, steps: Steps[T]) -> T:
    """Take steps, one after the other; gives their result."""
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


async def walk_async(run: Run, steps: Steps[T]) -> T:
    """As `walk`, in an event loop."""
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
