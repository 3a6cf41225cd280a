"""An async iterator that says what it is for to whoever iterates it as a sync one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

T = TypeVar("T")


class AsyncEvents(Generic[T]):
    """What an async generator gives.

    Args:
        generator: the generator.
        maker: the function that made it, for messages.
    """

    __slots__ = ("_generator", "_maker")

    def __init__(self, generator: AsyncGenerator[T], maker: str) -> None:
        self._generator = generator
        self._maker = maker

    # Whoever iterates holds the generator alone, which ends when the loop is left.
    def __aiter__(self) -> AsyncGenerator[T]:
        return self._generator

    def __anext__(self) -> Awaitable[T]:
        return self._generator.__anext__()

    def aclose(self) -> Awaitable[None]:
        """End it, and close what it reads."""
        return self._generator.aclose()

    if not TYPE_CHECKING:

        def __iter__(self) -> Any:
            raise TypeError(
                f"{self._maker}() of an AsyncClient's stream is iterated with `async for`, in an async function"
            )
