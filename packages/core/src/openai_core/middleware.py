"""Code of the user's around a call. One definition serves both colours.

A middleware is a generator function. What it yields is handed on inwards, what comes back is the answer, what it
returns is handed outwards; an error from within is raised at the `yield`:

```python
def timing(operation):
    started = time.monotonic()
    response = yield operation
    print(operation.path, response.status, time.monotonic() - started)
    return response
```

It may change what it hands on, yield again to send again, or return an answer without yielding at all.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from openai_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from openai_core.operation import AnyOperation
    from openai_core.response import ResponseInfo
    from openai_core.transport.protocol import AsyncReply, Reply, Request

Sent = TypeVar("Sent")
Answer = TypeVar("Answer")

Middleware: TypeAlias = "Callable[[AnyOperation], Generator[AnyOperation, ResponseInfo, ResponseInfo]]"
"""Around an operation: all its attempts. It sees a `Response`; for streams and bytes one without content."""
AttemptMiddleware: TypeAlias = "Callable[[Request], Generator[Request, Reply | AsyncReply, Reply | AsyncReply]]"
"""Around one attempt. It sees the request as it goes out, key included, and the reply with its body unread."""


def layers(name: str, given: Any) -> tuple[Any, ...]:
    """What a client was given as middleware.

    Args:
        name: of the setting.
        given: its value.

    Raises:
        ConfigurationError: if it isn't a list of functions.
    """
    if callable(given):
        raise ConfigurationError(f"{name} is a list of functions; for a single one pass [{_name(given)}]")
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes)):
        raise ConfigurationError(f"{name} is a list of functions, not {given!r:.80}")
    found = tuple(given)
    for layer in found:
        if not callable(layer):
            raise ConfigurationError(f"{name} is a list of functions, and {layer!r:.80} is none")
        if inspect.iscoroutinefunction(layer) or inspect.isasyncgenfunction(layer):
            raise ConfigurationError(
                f"{name} is a list of plain generator functions, for clients of both colours, and {_name(layer)} is "
                "async"
            )
    return found


def _name(layer: Any) -> str:
    return getattr(layer, "__name__", None) or type(layer).__name__


def around(
    middleware: Sequence[Callable[[Any], Generator[Any, Any, Any]]], send: Callable[[Sent], Answer]
) -> Callable[[Sent], Answer]:
    """A function that sends through all middleware, the first being the outermost."""
    for layer in reversed(middleware):
        send = _layer(layer, send)
    return send


def _layer(
    middleware: Callable[[Any], Generator[Any, Any, Any]], send: Callable[[Sent], Answer]
) -> Callable[[Sent], Answer]:
    def through(value: Sent) -> Answer:
        generator = middleware(value)
        done, passed = _resume(generator)
        while not done:
            try:
                answer = send(passed)
            except BaseException as error:  # noqa: BLE001 - the middleware decides what becomes of it
                done, passed = _resume(generator, error=error)
            else:
                done, passed = _resume(generator, answer)
        return passed  # type: ignore[no-any-return]

    return through


def around_async(
    middleware: Sequence[Callable[[Any], Generator[Any, Any, Any]]],
    send: Callable[[Sent], Awaitable[Answer]],
) -> Callable[[Sent], Awaitable[Answer]]:
    """As `around`."""
    for layer in reversed(middleware):
        send = _layer_async(layer, send)
    return send


def _layer_async(
    middleware: Callable[[Any], Generator[Any, Any, Any]], send: Callable[[Sent], Awaitable[Answer]]
) -> Callable[[Sent], Awaitable[Answer]]:
    async def through(value: Sent) -> Answer:
        generator = middleware(value)
        done, passed = _resume(generator)
        while not done:
            try:
                answer = await send(passed)
            except BaseException as error:  # noqa: BLE001 - as above
                done, passed = _resume(generator, error=error)
            else:
                done, passed = _resume(generator, answer)
        return passed  # type: ignore[no-any-return]

    return through


def _resume(
    generator: Generator[Any, Any, Any], answer: Any = None, *, error: BaseException | None = None
) -> tuple[bool, Any]:
    """Whether the generator has returned, and what it has returned or yielded."""
    try:
        return False, generator.send(answer) if error is None else generator.throw(error)
    except StopIteration as stop:
        return True, stop.value
