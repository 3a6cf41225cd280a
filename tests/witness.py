"""What goes over the wire in tests: which operations were sent, and whether it was as the API description says."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers

from conformance.description import Description, Exchange


class Witness:
    """Sees every exchange with the emulator.

    Args:
        spec: path of the API description; without it, nothing is found wrong.
    """

    KEY = pytest.StashKey["Witness"]()

    def __init__(self, spec: str | None) -> None:
        self._spec = spec
        self._description: Description | None = None
        self._exchanges: list[Exchange] = []
        self.succeeded: set[tuple[str, str, str]] = set()
        """Method, path and query of every request that was answered well, in all tests."""

    def watch(self, app: Any) -> Any:
        """ASGI middleware that lets the witness see."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "websocket":
                await app(scope, receive, send)
                return
            message = await receive()
            headers = Headers(scope=scope)
            exchange = Exchange(
                scope["method"],
                scope["path"].removeprefix("/v1"),
                scope["query_string"].decode(),
                headers.get("content-type", ""),
                message.get("body", b""),
            )
            waiting = [message]

            async def replay() -> Any:
                return waiting.pop() if waiting else await receive()

            async def seen(message: Any) -> None:
                if message["type"] == "http.response.start":
                    exchange.status = message["status"]
                    exchange.answer_type = Headers(raw=message["headers"]).get("content-type", "")
                else:
                    exchange.answer += message.get("body", b"")
                    if not message.get("more_body") and 200 <= exchange.status < 300:
                        if headers.get("user-agent", "").startswith("openai-core"):
                            self._exchanges.append(exchange)
                        self.succeeded.add((exchange.method, exchange.path, exchange.query))
                await send(message)

            await app(scope, replay, seen)

        return watched

    def forget(self) -> None:
        """Begin anew with the exchanges of one test."""
        self._exchanges.clear()

    def problems(self) -> list[str]:
        """What is wrong with the exchanges that went well, by the API description."""
        if self._spec is None or not self._exchanges:
            return []
        if self._description is None:
            self._description = Description.read(self._spec)
        return [problem[:500] for exchange in self._exchanges for problem in self._description.problems(exchange)]
