"""A small SDK for the OpenAI API and compatible providers.

`from openai_core import Client, AsyncClient`; API groups such as `client.chat` come with distributions of their own.
Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.lazy import lazy_names
from openai_core.version import __version__

if TYPE_CHECKING:
    from openai_core.binary import AsyncBinary, Binary
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
    from openai_core.files import FileInput, tracked
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

__all__ = [
    "OMIT",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "ApiGroup",
    "ApiModel",
    "AsyncApiGroup",
    "AsyncBinary",
    "AsyncBinaryMethod",
    "AsyncClient",
    "AsyncMethod",
    "AsyncPagedMethod",
    "AsyncPages",
    "AsyncStream",
    "AsyncStreamMethod",
    "Attempt",
    "AttemptMiddleware",
    "AuthenticationError",
    "BadRequestError",
    "Binary",
    "BinaryEndpoint",
    "BinaryMethod",
    "BinaryOperation",
    "Client",
    "CompatibleProvider",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "Drift",
    "Endpoint",
    "FileInput",
    "FileSaveError",
    "InternalServerError",
    "InvalidRequestError",
    "Limits",
    "Method",
    "Middleware",
    "MissingPluginError",
    "NotFoundError",
    "Omit",
    "OpenAIConfig",
    "OpenAIError",
    "Operation",
    "PagedEndpoint",
    "PagedMethod",
    "PagedOperation",
    "Pages",
    "PermissionDeniedError",
    "Provider",
    "Quirks",
    "RateLimitError",
    "RegisterApi",
    "RegisterProvider",
    "RegisterTransport",
    "RequestOptions",
    "RequestTimeoutError",
    "Response",
    "ResponseInfo",
    "RetryBudget",
    "RetryPolicy",
    "Secret",
    "Stream",
    "StreamEndpoint",
    "StreamError",
    "StreamMethod",
    "StreamOperation",
    "StreamTruncatedError",
    "SubGroup",
    "Timeout",
    "UnknownModel",
    "UnprocessableEntityError",
    "__version__",
    "hookimpl",
    "tracked",
]

# For the interpreter the names come from here, when they are first read: importing this package imports neither httpx
# nor pydantic.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
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
            "files": ("FileInput", "tracked"),
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
        },
    )
