"""What to write in the place of a name that there isn't. Imported when something is wrong already."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SETTINGS: Final = {
    "admin_api_key": "admin_key",
    "data_residency": "region",
    "_strict_response_validation": "validation",
    "default_headers": "headers",
    "default_query": "query",
    "set_default_headers": "headers",
    "set_default_query": "query",
}
"""What another library calls the settings of a client."""
_AZURE: Final = frozenset(
    {"api_version", "azure_ad_token", "azure_ad_token_provider", "azure_deployment", "azure_endpoint"}
)
_CALLS: Final = {
    "create_and_poll": "create_and_wait",
    "poll": "wait",
    "retrieve_content": "content",
    "upload_and_poll": "upload_and_wait",
    "with_raw_response": "create.raw(...), as each call has it",
    "with_streaming_response": "create.raw(...), as each call has it, or a call that streams",
}
"""What another library calls a call, or does in the place of one."""


def alike(name: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """The known name that is most like another, if one is.

    Args:
        name: the other.
        known: the names that there are.
        least: how like, from 0 to 1: above 0.85 somebody has misspelt it.
    """
    return next(iter(get_close_matches(name, list(known), 1, least)), None)


def keywords(function: Callable[..., Any]) -> list[str]:
    """The names of the arguments that a function takes by name."""
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind in {each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD}]


def first(function: Callable[..., Any]) -> str | None:
    """The argument of a function that is given by its position, if it has one."""
    parameters = inspect.signature(function).parameters.values()
    return next((each.name for each in parameters if each.kind is each.POSITIONAL_ONLY), None)


def for_call(name: str, known: list[str]) -> str:
    """The end of a message about a call that a group doesn't have.

    Args:
        name: what was looked for.
        known: what there is.
    """
    if name == "stream":
        streaming = [each for each in known if each.endswith("_stream")]
        return f"; those that stream are {', '.join(streaming)}" if streaming else ""
    meant = _CALLS.get(name)
    if meant is None or (meant.isidentifier() and meant not in known):
        meant = alike(name, known)
    return f"; did you mean {meant}?" if meant else ""


def unknown(given: Iterable[str], *functions: Callable[..., Any]) -> list[str]:
    """The names among some that none of several functions takes; none of those that a function of any names does.

    Args:
        given: the names.
        functions: the first hands on to the others what it doesn't know itself.
    """
    known = {name for function in functions for name in keywords(function)}
    last = inspect.signature(functions[-1]).parameters.values()
    return [] if any(each.kind is each.VAR_KEYWORD for each in last) else [name for name in given if name not in known]


def for_settings(given: Iterable[str], client: Callable[..., Any], *provider: Callable[..., Any]) -> str:
    """The end of a message about settings that neither a client nor its provider knows.

    Args:
        given: their names.
        client: what makes a client.
        provider: what makes its provider.
    """
    given = list(given)
    if "webhook_secret" in given:
        return ": pass it to webhooks.unwrap(..., secret=...), or set OPENAI_WEBHOOK_SECRET"
    if "region" in given:
        return ": region names an address of OpenAI's own, and this provider has another: leave region out"
    if not _AZURE.isdisjoint(given):
        return ": pass provider='azure' with it"
    if "_extra_kwargs" in given:
        return ": pass the settings themselves"
    # What goes into the place of `config` is made of the others.
    of_provider = {name for function in provider for name in keywords(function)} - {"self", "config"}
    known = [*keywords(client), *sorted(of_provider)]
    meant = next(filter(None, (_SETTINGS.get(name) or alike(name, known) for name in given)), None)
    return f": did you mean {meant!r}?" if meant else ""
