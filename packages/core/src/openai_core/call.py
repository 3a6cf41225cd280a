"""One operation on its way: everything between the value and the wire that needs no I/O.

Both clients drive it: they ask it for the request, tell it what came of an attempt, and do what it says.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from pydantic_core import from_json

from openai_core import logs
from openai_core.encoding import Multipart, encoded_body, query_string
from openai_core.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    Attempt,
    ConfigurationError,
    parse_error,
    status_class,
)
from openai_core.logs import hide, is_secret, redacted, show_as_asked
from openai_core.operation import OMIT
from openai_core.options import Timeout, merged
from openai_core.retrying import Deadline, RetryPolicy
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut, Request
from openai_core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openai_core.lenient import Drift
    from openai_core.operation import AnyOperation
    from openai_core.options import RequestOptions
    from openai_core.provider import Provider
    from openai_core.retrying import RetryBudget


_READS: Final = frozenset({"GET", "HEAD"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 5
_NO_SUCH_PLACE: Final = frozenset({404, 405})
# Those before the host.
_SLASHES: Final = 2
_CALLER: Final = frozenset({"openai-organization", "openai-project"})
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# What says where a body ends: said twice, a server could take the rest of it for another request.
_FRAMES: Final = frozenset({"content-length", "transfer-encoding"})
_DEFAULT_TIMEOUT: Final = Timeout()
# Seconds that a wait until the deadline may end before it, as clocks and their readers round.
_PRECISION: Final = 0.005


class Settings:
    """What all calls of a client have in common.

    Args:
        provider: who answers.
        options: options of every call.
        retry: when attempts are repeated.
        budget: what retries may cost.
        strict: whether an answer that isn't as described is an error.
        on_attempt: told about every attempt.
        on_drift: told about answers that aren't as described, once for each place.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        options: RequestOptions | None,
        retry: RetryPolicy,
        budget: RetryBudget,
        strict: bool,
        on_attempt: Callable[[Attempt], None] | None,
        on_drift: Callable[[Drift], None] | None,
    ) -> None:
        show_as_asked()
        self.provider = provider
        self.options = options
        self.retry = retry
        self.budget = budget
        self.strict = strict
        self.on_attempt = on_attempt
        self.report_drift = None if strict else self._report_drift
        self.on_drift = on_drift
        self._reported: set[Drift] = set()
        self.headers = _checked({"User-Agent": f"openai-core/{__version__}", **provider.headers()})
        self.header_names = frozenset(map(str.lower, self.headers))

    def with_options(self, options: RequestOptions) -> Settings:
        """The same settings with other options of every call; retry budget and drift reports are shared."""
        copy = object.__new__(Settings)
        copy.__dict__.update(self.__dict__)
        copy.options = merged(self.options, options)
        return copy

    def _report_drift(self, drift: Drift) -> None:
        if drift in self._reported:
            return
        self._reported.add(drift)
        logs.info("the answer differs from the API description: %s", drift)
        if self.on_drift:
            self.on_drift(drift)


class Call:
    """One operation on its way.

    Args:
        settings: the client's.
        operation: what to send.
        accept: the media type that is asked for.
        deadline: of an enclosing call, such as the walk through a list.

    Raises:
        OpenAIError: if the operation can't be written down.
    """

    def __init__(
        self, settings: Settings, operation: AnyOperation, accept: str, deadline: Deadline | None = None
    ) -> None:
        provider = settings.provider
        operation = provider.adapt(operation)
        options = settings.options or {}
        if operation.options:
            options = merged(options, operation.options) or {}
        self.operation = operation
        self.timeout = Timeout.of(options["timeout"]) if "timeout" in options else _DEFAULT_TIMEOUT
        self.deadline = deadline or (Deadline(options["deadline"]) if "deadline" in options else None)
        self.attempts: list[Attempt] = []
        self._settings = settings
        self._max_retries = options.get("max_retries", settings.retry.max_retries)
        self._redirects = 0

        self.url = provider.url(operation)
        self._target = self.url
        more = provider.query()
        if "query" in options:
            more = {**more, **options["query"]}
        if more or operation.query:
            _hide(more)
            query = {**(operation.query or {}), **more}
            text = query_string({name: value for name, value in query.items() if value is not None})
            if text:
                self._target += f"{'&' if '?' in self.url else '?'}{text}"
        self._content = encoded_body(operation, options.get("body"))
        self._names = settings.header_names
        self._headers = self._make_headers(options, accept)
        self._authenticated = True
        self._started = 0.0

    def _make_headers(self, options: RequestOptions, accept: str) -> dict[str, str]:
        endpoint = self.operation.endpoint
        headers = self._settings.headers.copy()
        headers["Accept"] = accept
        if isinstance(self._content, Multipart):
            headers["Content-Type"] = self._content.content_type
        elif self._content is not None:
            headers["Content-Type"] = "application/json"
        if endpoint.method not in _READS:
            headers["Idempotency-Key"] = options.get("idempotency_key") or f"oc-{os.urandom(16).hex()}"
        for more in (endpoint.headers, self.operation.headers, options.get("headers")):
            if more:
                headers = _with(headers, more)
                self._names = frozenset(map(str.lower, headers))
                _hide(more)
        return headers

    def request(self, auth: Mapping[str, str], *, whole: bool = False) -> Request:
        """The request of the next attempt.

        Args:
            auth: headers that say who calls.
            whole: as in `Request`.

        Raises:
            DeadlineExceededError: if the time is up.
        """
        if self.deadline:
            self.deadline.check()
        headers = self._headers.copy()
        if auth and self._authenticated:
            for name, value in auth.items():
                hide(value)
                # What the caller gave by hand wins, also over authentication.
                if name.lower() not in self._names:
                    headers[name] = value
        self._started = time.monotonic()
        method = self.operation.endpoint.method
        return Request(method, self._target, headers, self._content, self.timeout, self.deadline, whole)

    def answered(self, status: int, headers: Headers) -> tuple[Attempt, ...]:
        """Note a good answer, and give all attempts up to it."""
        self._note(status=status, request_id=headers.get("x-request-id"))
        self._settings.budget.succeed()
        return tuple(self.attempts)

    def status_error(self, status: int, headers: Headers, content: bytes) -> APIError:
        """Note an answer that isn't 2xx, and give the error that it means."""
        body: object = content.decode(errors="replace")
        with suppress(ValueError):
            body = from_json(content)
        parsed = parse_error(body)
        said = parsed.pop("message")
        message = said or f"{self.operation.endpoint.method} {self.url} was answered {status}"
        if isinstance(body, str) and said:
            message = f"{self.operation.endpoint.method} {self.url}: {redacted(message)!r}"
            if status in _NO_SUCH_PLACE:
                message += ". Is the base URL right, does it need /v1 at its end?"
        elif status in _NO_SUCH_PLACE and self.url.count("/") == self.operation.path.count("/") + _SLASHES:
            message += f" ({self.url}). Does the base URL need /v1 at its end?"
        if status in _REDIRECTS:
            where = headers.get("location")
            message = f"{self.url} has moved to {_origin(where)}" if where else f"{self.url} has moved"
            message += "; set base_url to where it is now"
        kind = status_class(status)
        self._note(status=status, request_id=headers.get("x-request-id"), error=kind.__name__)
        return kind(
            redacted_text(message),
            status=status,
            request_id=headers.get("x-request-id"),
            attempts=tuple(self.attempts),
            headers=headers,
            body=body,
            **parsed,
        )

    def connection_error(self, error: ConnectionFailed) -> APIError:
        """Note an attempt without an answer, and give the error that it means."""
        failure = self.broken(error, began=False)
        self._note(error=type(failure).__name__)
        failure.attempts = tuple(self.attempts)
        return failure

    def broken(self, error: ConnectionFailed, *, began: bool = True) -> APIError:
        """The error for a connection that fails, or breaks while a noted answer is read.

        Args:
            error: what the transport says.
            began: whether the answer had begun.
        """
        kind = APITimeoutError if isinstance(error, PhaseTimedOut) else APIConnectionError
        if self.deadline and self.deadline.left() <= _PRECISION:
            failure: APIError = self.deadline.error(str(error))
        else:
            what = "took too long" if kind is APITimeoutError else "failed"
            advice = "Is the base URL right, and can this machine reach it (proxy, firewall)?"
            if began:
                advice = "The answer had begun to come; call again for the whole"
            failure = kind(f"the connection to {_origin(self._target)} {what}: {error}. {advice}")
        failure.attempts = tuple(self.attempts)
        return failure

    def redirect(self, status: int, headers: Headers) -> bool:
        """Whether to follow an answer to another place; if so, the next request goes there.

        Only reads are followed, at most five times, and keys don't go to another origin.
        """
        location = headers.get("location")
        if status not in _REDIRECTS or not location or self.operation.endpoint.method not in _READS or self._is_spent:
            return False
        self._redirects += 1
        target = urljoin(self._target, location)
        if self._redirects > _MAX_REDIRECTS or urlsplit(target).scheme not in {"http", "https"}:
            return False
        if _origin(target) != _origin(self._target):
            self._authenticated = False
            self._headers = {name: value for name, value in self._headers.items() if not _is_credential(name)}
        self._target = target
        self._note(status=status)
        return True

    @property
    def _is_spent(self) -> bool:
        """Whether the body, once sent, can't be sent again."""
        return isinstance(self._content, Multipart) and not self._content.replayable

    def wait_before_retry(self, error: BaseException, retry: int) -> float | None:
        """Seconds to wait before the n-th retry, `None` if there is none.

        Raises:
            DeadlineExceededError: if the wait would pass the deadline.
        """
        policy = self._settings.retry
        if not isinstance(error, APIError) or retry > self._max_retries or not policy.repeatable(error):
            return None
        if self._is_spent:
            return None
        wait = policy.wait(error, retry)
        if wait is None:
            return None
        if self.deadline and wait >= self.deadline.left():
            late = self.deadline.error(str(error))
            late.attempts = tuple(self.attempts)
            raise late from error
        if not self._settings.budget.take():
            logs.info("no retry: the client's retry budget is used up")
            return None
        if len(self.attempts) < retry:
            # Middleware has failed it, before anything was sent.
            self._note(status=error.status, error=type(error).__name__)
        last = self.attempts[-1]
        self.attempts[-1] = Attempt(last.number, last.seconds, last.status, last.request_id, last.error, wait)
        logs.info("retry %d of %s in %.2f s after %s", retry, self.operation.endpoint, wait, type(error).__name__)
        return wait

    def _note(self, *, status: int | None = None, request_id: str | None = None, error: str | None = None) -> None:
        attempt = Attempt(len(self.attempts) + 1, time.monotonic() - self._started, status, request_id, error)
        self.attempts.append(attempt)
        logs.debug("%s: %s", self.operation.endpoint, attempt)
        if self._settings.on_attempt:
            self._settings.on_attempt(attempt)


def _with(headers: dict[str, str], more: Mapping[str, Any]) -> dict[str, str]:
    """Headers with others put over them in any case of their names; `None` takes one away."""
    names = {name.lower() for name in more}
    kept = {name: value for name, value in headers.items() if name.lower() not in names}
    # Neither nothing nor a list of nothing is a header.
    return {**kept, **_checked({name: _line(value) for name, value in more.items() if value not in (None, [], ())})}


def _line(value: object) -> object:
    """A header's value; a list of texts is one line of them."""
    several = isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)
    return ",".join(value) if several else value  # type: ignore[arg-type]  # as has been seen


def _checked(headers: Mapping[str, Any]) -> dict[str, str]:
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ConfigurationError(
                f"the header {name!r} can't be sent: its value is a string, not {_kind(value)}; "
                "None takes a header away"
            )
        if name.lower() in _FRAMES:
            raise ConfigurationError(f"the header {name!r} can't be set: the right one is sent; leave it out")
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(f"the header {name!r} can't be sent: its value must be one line of Latin-1 text")
    return dict(headers)


def _kind(value: object) -> str:
    return "OMIT" if value is OMIT else f"a {type(value).__name__}"


def _hide(fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        if isinstance(value, str) and is_secret(name):
            hide(value)


def _is_credential(header: str) -> bool:
    """Whether a header tells who calls. What the log hides does, in whatever header a caller has put it."""
    return header.lower() in _CALLER or is_secret(header)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def redacted_text(message: str) -> str:
    """A message of a server, in which it may have repeated the key."""
    shown = redacted(message)
    return shown if isinstance(shown, str) else message
