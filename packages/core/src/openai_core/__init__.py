"""A small SDK for the OpenAI API and compatible providers.

`from openai_core import Client, AsyncClient`; API groups such as `client.chat` come with distributions of their own.
Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai_core.binary import AsyncBinary, Binary
    from openai_core.call import VERSION as __version__
    from openai_core.client import AsyncClient, Client
    from openai_core.config import OpenAIConfig, Secret
    from openai_core.errors import (
        APIConnectionError,
        APIError,
        APIResponseValidationError,
        APIStatusError,
        APITimeoutError,
        Attempt,
        AuthenticationError,
        BadRequestError,
        ConfigurationError,
        ConflictError,
        DeadlineExceededError,
        FileSaveError,
        InternalServerError,
        InvalidRequestError,
        MissingPluginError,
        NotFoundError,
        OpenAIError,
        PermissionDeniedError,
        RateLimitError,
        RequestTimeoutError,
        StreamError,
        StreamTruncatedError,
        UnprocessableEntityError,
    )
    from openai_core.files import FileInput
    from openai_core.group import ApiGroup, AsyncApiGroup, SubGroup
    from openai_core.hookspecs import RegisterApi, RegisterProvider, RegisterTransport, hookimpl
    from openai_core.lenient import Drift
    from openai_core.method import (
        AsyncBinaryMethod,
        AsyncMethod,
        AsyncPagedMethod,
        AsyncStreamMethod,
        BinaryMethod,
        Method,
        PagedMethod,
        StreamMethod,
    )
    from openai_core.middleware import AttemptMiddleware, Middleware
    from openai_core.model import ApiModel, UnknownModel
    from openai_core.operation import (
        OMIT,
        BinaryEndpoint,
        BinaryOperation,
        Endpoint,
        Omit,
        Operation,
        PagedEndpoint,
        PagedOperation,
        StreamEndpoint,
        StreamOperation,
    )
    from openai_core.options import RequestOptions, Timeout
    from openai_core.pagination import AsyncPages, Pages
    from openai_core.provider import CompatibleProvider, Provider, Quirks
    from openai_core.response import Limits, Response, ResponseInfo
    from openai_core.retrying import RetryBudget, RetryPolicy
    from openai_core.streaming import AsyncStream, Stream

_MODULES = {
    "binary": ("AsyncBinary", "Binary"),
    "client": ("AsyncClient", "Client"),
    "config": ("OpenAIConfig", "Secret"),
    "errors": (
        "APIConnectionError",
        "APIError",
        "APIResponseValidationError",
        "APIStatusError",
        "APITimeoutError",
        "Attempt",
        "AuthenticationError",
        "BadRequestError",
        "ConfigurationError",
        "ConflictError",
        "DeadlineExceededError",
        "FileSaveError",
        "InternalServerError",
        "InvalidRequestError",
        "MissingPluginError",
        "NotFoundError",
        "OpenAIError",
        "PermissionDeniedError",
        "RateLimitError",
        "RequestTimeoutError",
        "StreamError",
        "StreamTruncatedError",
        "UnprocessableEntityError",
    ),
    "files": ("FileInput",),
    "group": ("ApiGroup", "AsyncApiGroup", "SubGroup"),
    "hookspecs": ("RegisterApi", "RegisterProvider", "RegisterTransport", "hookimpl"),
    "lenient": ("Drift",),
    "method": (
        "AsyncBinaryMethod",
        "AsyncMethod",
        "AsyncPagedMethod",
        "AsyncStreamMethod",
        "BinaryMethod",
        "Method",
        "PagedMethod",
        "StreamMethod",
    ),
    "middleware": ("AttemptMiddleware", "Middleware"),
    "model": ("ApiModel", "UnknownModel"),
    "operation": (
        "OMIT",
        "BinaryEndpoint",
        "BinaryOperation",
        "Endpoint",
        "Omit",
        "Operation",
        "PagedEndpoint",
        "PagedOperation",
        "StreamEndpoint",
        "StreamOperation",
    ),
    "options": ("RequestOptions", "Timeout"),
    "pagination": ("AsyncPages", "Pages"),
    "provider": ("CompatibleProvider", "Provider", "Quirks"),
    "response": ("Limits", "Response", "ResponseInfo"),
    "retrying": ("RetryBudget", "RetryPolicy"),
    "streaming": ("AsyncStream", "Stream"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [*sorted(_MODULE_OF), "__version__"]  # noqa: PLE0604 - strings, all of them


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__version__":
        return import_module("openai_core.call").VERSION
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
