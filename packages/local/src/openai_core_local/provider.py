"""The provider: which operations there are, and waiting until the model is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from openai_core import APITimeoutError, ConfigurationError, OpenAIConfig, Provider, Timeout
from openai_core.encoding import plain
from openai_core.retrying import Deadline
from openai_core_local.model import find_model
from openai_core_local.server import Server, server_for

if TYPE_CHECKING:
    import os
    from concurrent.futures import Future
    from typing import Self

    from openai_core import APIError, Secret
    from openai_core.operation import AnyOperation

_ANSWERED: Final = (
    "POST /chat/completions",
    "POST /completions",
    "POST /embeddings",
    "POST /responses",
    "POST /responses/input_tokens",
    "GET /models",
)


class LocalProvider(Provider):
    """A model on this machine, for `Client(provider="local")`. It answers to any model name.

    llama.cpp's server runs it, in a process that the first call starts, all clients share, and that ends with this
    one. The first call waits until the model is loaded, at most for its `deadline` or `timeout`.

    Args:
        model_file: path of a GGUF file; else that in `OPENAI_CORE_LOCAL_MODEL`, else SmolLM2 135M.
        context: tokens of prompt and answer that all calls of one moment may have together, 1 or more.

    Raises:
        ConfigurationError: if the model or what runs it isn't installed.
    """

    name = "local"
    key_required = False

    def __init__(self, model_file: str | os.PathLike[str] | None = None, *, context: int = 4096) -> None:
        super().__init__(OpenAIConfig(base_url="http://127.0.0.1"))
        if context < 1:
            raise ConfigurationError(f"context is a number of tokens, 1 or more, not {context!r}")
        self._model = find_model(model_file)
        self._context = context
        if find_spec("xllamacpp") is None:
            raise ConfigurationError("nothing to run a model with: `pip install xllamacpp`")

    @classmethod
    def from_config(cls, config: OpenAIConfig, **settings: Any) -> Self:  # noqa: ARG003 - keys and addresses are OpenAI's
        """As `Provider.from_config`."""
        return cls(**settings)

    def adapt(self, operation: AnyOperation) -> AnyOperation:
        """Ask for an answer by a schema in the way of chat completions: llama.cpp passes over `text.format`."""
        body: Any = operation.body if isinstance(operation.body, Mapping) else {}
        wanted = (plain(body.get("text") or {}) if operation.path == "/responses" else {}).get("format") or {}
        if wanted.get("type") != "json_schema":
            return operation
        kind = wanted.pop("type")
        return operation.replace(body={"response_format": {"type": kind, kind: wanted}})

    def prepare(self, operation: AnyOperation) -> None:
        """Start the model and wait until it answers.

        Raises:
            ConfigurationError: for an operation that it can't do, or if it can't be run.
            APITimeoutError: if it takes too long; it goes on being loaded for the next call.
        """
        ready = self._start(operation)
        try:
            ready.result(_patience(operation))
        except TimeoutError:
            raise _late(operation) from None

    async def prepare_async(self, operation: AnyOperation) -> None:
        """As `prepare`."""
        import asyncio

        ready = self._start(operation)
        if ready.done():
            return ready.result()
        try:
            await asyncio.wait_for(asyncio.wrap_future(ready), _patience(operation))
        except TimeoutError:
            raise _late(operation) from None

    def _start(self, operation: AnyOperation) -> Future[None]:
        asked = f"{operation.method} {operation.path}"
        if asked not in _ANSWERED:
            raise ConfigurationError(f"the local provider doesn't have {asked}; it has {', '.join(_ANSWERED)}")
        return self._server.start()

    def url(self, operation: AnyOperation) -> str:
        """The absolute URL of an operation."""
        return self._server.url + operation.path

    def authorization(self, key: str | Secret | None) -> Mapping[str, str]:  # noqa: ARG002 - the server has its own
        """A key made up for this process, so that nobody else on this machine talks to its model."""
        return {"Authorization": f"Bearer {self._server.key}"}

    @property
    def _server(self) -> Server:
        # Looked up each time: a forked process has another.
        return server_for(self._model, self._context)

    def __repr__(self) -> str:
        return f"LocalProvider({str(self._model.path)!r})"


def _patience(operation: AnyOperation) -> float:
    """Seconds that an operation may wait for the model."""
    options = operation.options or {}
    first_byte = Timeout.of(options.get("timeout", Timeout())).read
    return min(first_byte, options.get("deadline", first_byte))


def _late(operation: AnyOperation) -> APIError:
    seconds, reason = _patience(operation), "the model is still being loaded"
    if seconds == (operation.options or {}).get("deadline"):
        return Deadline(seconds).error(reason)
    return APITimeoutError(f"no answer for {seconds:g} s: {reason}")
