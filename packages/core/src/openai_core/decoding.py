"""Bytes as what an operation answers. Nothing here does I/O."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from openai_core.errors import APIError, APIResponseValidationError, error_in_stream, reports_error
from openai_core.logs import redacted
from openai_core.model import answering

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    from openai_core.lenient import Drift
    from openai_core.response import ResponseInfo

T = TypeVar("T")

Returns: TypeAlias = "str | type[Any] | None"
"""What to read an answer as: `module:Name`, a type, or `None` for nothing."""
OnDrift: TypeAlias = "Callable[[Drift], None] | None"
"""Called with what differed from the description; `None` reads strictly."""

_SHOWN: Final = 200


class Decoder(Generic[T]):
    """Reads answers, and the events of streams, as one type.

    Attributes:
        returns: the type.
        name: what it is called in messages.
    """

    __slots__ = ("_validate", "name", "returns")

    def __init__(self, returns: Any, name: str | None = None) -> None:
        self.returns = returns
        # A union has none of its own, and may be of very many.
        self.name = name or getattr(returns, "__name__", None) or redacted(str(returns))
        self._validate: Callable[[bytes], T] | None = None

    def read(self, response: ResponseInfo, content: bytes | None = None, on_drift: OnDrift = None) -> T:
        """Read the body of an answer, or one event of it.

        Args:
            response: the answer.
            content: the event's data; the body when not given.
            on_drift: makes the reading lenient, and is told.

        Raises:
            APIResponseValidationError: if it can't be read.
        """
        data: bytes = response.content if content is None else content  # type: ignore[attr-defined]
        try:
            answer = (self._validate or self._build())(data)
        except ValidationError as error:
            answer = self._read_again(response, data, on_drift, error)
        return answering(answer, response.request_id) if content is None else answer

    def _build(self) -> Callable[[bytes], T]:
        # Late, so that a type costs nothing before its first answer.
        returns = self.returns
        if returns is None:
            self._validate = _nothing
        elif returns is str:
            self._validate = cast("Callable[[bytes], T]", _text)
        elif returns is bytes:
            self._validate = cast("Callable[[bytes], T]", bytes)
        elif isinstance(returns, type) and issubclass(returns, BaseModel):
            # What the class builds for itself serves it for writing as well.
            self._validate = returns.__pydantic_validator__.validate_json
        else:
            from pydantic import TypeAdapter

            self._validate = TypeAdapter(returns).validator.validate_json
        return self._validate

    def _read_again(self, response: ResponseInfo, data: bytes, on_drift: OnDrift, error: ValidationError) -> T:
        problem = error.errors(include_url=False)[0]
        if problem["type"] == "json_invalid":
            raise _unreadable(response, data, problem["msg"].removeprefix("Invalid JSON: ")) from None
        value = from_json(data)
        if reports_error(value) and not self._describes(value):
            raise error_in_stream(value, APIError, **_facts(response)) from None
        if on_drift is not None:
            from openai_core.lenient import build

            built, drifts = build(self.returns, value)
            if built is not None:
                for drift in drifts:
                    on_drift(drift)
                return cast("T", built)
        place = _place(problem, value) or "it"
        raise APIResponseValidationError(
            f"the answer of {response.url} isn't a {self.name}: {place}: {problem['msg'].lower()}. "
            "Read it as it is with .raw(...) or .into(dict, ...)",
            body=value,
            status=response.status,
            **_facts(response),
        ) from None

    def _describes(self, value: Any) -> bool:
        """Whether data with an error in it is still what was asked for: a failed job tells why in such a field."""
        if not isinstance(value, dict):
            return False
        known = getattr(self.returns, "model_fields", {})
        return "error" in known and any(
            field.is_required() and (field.alias or name) in value for name, field in known.items()
        )


def _place(problem: ErrorDetails, value: Any) -> str:
    """Where in the data something is wrong, without the types that pydantic was about to read it as."""
    found: list[str] = []
    for part in problem["loc"]:
        if _has(value, part):
            value = value[part]
        elif problem["type"] != "missing" or part != problem["loc"][-1]:
            continue
        found.append(str(part))
    return ".".join(found)


def _has(value: Any, part: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _nothing(_: bytes) -> Any:
    return None


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _unreadable(response: ResponseInfo, data: bytes, reason: str) -> APIError:
    shown = redacted(data[:_SHOWN].decode(errors="replace"))
    kind = response.headers.get("content-type") or "no content type"
    if not data:
        what = "is empty"
    elif "html" in kind or data.lstrip()[:1] == b"<":
        what = f"is no JSON but {kind}: {shown!r}"
    else:
        what = f"is no complete JSON ({reason}; {kind}): {shown!r}"
    advice = "" if "json" in kind else ". Is the base URL right, does it need /v1 at its end?"
    return APIResponseValidationError(
        f"the answer of {response.url} {what}{advice}",
        body=data.decode(errors="replace"),
        status=response.status,
        **_facts(response),
    )


def _facts(response: ResponseInfo) -> dict[str, Any]:
    return {
        "request_id": response.request_id,
        "headers": response.headers,
        "attempts": response.attempts,
    }


@lru_cache(maxsize=4096)
def decoder(returns: Returns) -> Decoder[Any]:
    """The decoder of a type; one per type and process."""
    if isinstance(returns, str):
        module, _, name = returns.partition(":")
        return Decoder(getattr(import_module(module), name), name)
    return Decoder(returns)
