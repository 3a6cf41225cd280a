"""The parameters that chat completions and responses share, and how they become a question to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .errors import bad, missing
from .fields import BOOLEAN, METADATA, OBJECT, REQUIRED_STRING, STRING, Field, Fields, one_of
from .generation import Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _object(properties: Fields) -> Field:
    return Field(("object",), properties=properties)


_DESCRIBED: Final = {"name": STRING, "parameters": OBJECT}
_NAMED: Final = {"type": STRING, "name": STRING, "function": _object(_DESCRIBED), "custom": _object(_DESCRIBED)}
_ALLOWED: Final = {"mode": STRING, "tools": Field(("array",), items=_object(_NAMED))}

SHARED: Final[Fields] = {
    "metadata": METADATA,
    "moderation": OBJECT,
    "parallel_tool_calls": BOOLEAN,
    "prompt_cache_key": STRING,
    "prompt_cache_options": OBJECT,
    "prompt_cache_retention": one_of("in_memory", "24h"),
    "safety_identifier": Field(("string",), longest=64),
    "service_tier": one_of("auto", "default", "flex", "scale", "priority", "fast"),
    "store": BOOLEAN,
    "stream": BOOLEAN,
    "stream_options": Field(("object",), properties={"include_usage": BOOLEAN, "include_obfuscation": BOOLEAN}),
    "temperature": Field(("number",), minimum=0, maximum=2),
    "tool_choice": Field(("string", "object"), properties={**_NAMED, **_ALLOWED, "allowed_tools": _object(_ALLOWED)}),
    "tools": Field(("array",), items=_object({**_NAMED, **_DESCRIBED, "type": REQUIRED_STRING})),
    "top_logprobs": Field(("integer",), minimum=0, maximum=20),
    "top_p": Field(("number",), minimum=0, maximum=1),
    "user": STRING,
}

REASONING_EFFORT: Final = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")
VERBOSITY: Final = one_of("low", "medium", "high")


def tools(given: Sequence[Mapping[str, Any]] | None) -> list[Tool]:
    """The tools that the model can call itself; hosted ones, such as web search, are taken and never used.

    Args:
        given: in the shape of either API; chat puts what a function is into a member `function`.
    """
    found = []
    for position, each in enumerate(given or ()):
        kind = each["type"]
        if kind not in {"function", "custom"}:
            continue
        described = each.get(kind) or each
        if not described.get("name"):
            raise missing(f"tools[{position}].{kind}.name" if kind in each else f"tools[{position}].name")
        schema = (described.get("parameters") or {"type": "object"}) if kind == "function" else None
        found.append(Tool(described["name"], schema))
    return found


def tool_choice(body: Mapping[str, Any], offered: Sequence[Tool]) -> ToolChoice:
    """Whether the model is to call tools, and which.

    Args:
        body: of a request to either API, with its `tool_choice`.
        offered: what `tools` made of the request's.
    """
    choice = _tool_choice(body.get("tool_choice") or "auto")
    if choice.mode == "required" and not body.get("tools"):
        raise bad("'tool_choice' may only ask for a tool when 'tools' are given.", param="tool_choice")
    known = {tool.name for tool in offered}
    for name in choice.names:
        if name not in known:
            raise bad(f"Invalid 'tool_choice': no tool named '{name}' in 'tools'.", param="tool_choice")
    return choice


def _tool_choice(given: str | Mapping[str, Any]) -> ToolChoice:
    match given:
        case "none" | "auto" | "required":
            return ToolChoice(given)
        case str():
            message = f"Invalid value: '{given}'. Supported values are: 'none', 'auto' and 'required'."
            raise bad(message, param="tool_choice", code="invalid_value")
        case {"type": "allowed_tools"}:
            allowed = given.get("allowed_tools") or given
            names = tuple(_name(each) for each in allowed.get("tools") or ())
            return ToolChoice("required" if allowed.get("mode") == "required" else "auto", names)
        case {"type": "function" | "custom"}:
            return ToolChoice("required", (_name(given),))
        case _:
            # A hosted tool, none of which is ever used.
            return ToolChoice()


def _name(given: Mapping[str, Any]) -> str:
    return str((given.get("function") or given.get("custom") or given).get("name"))


def stop_texts(given: str | Sequence[str] | None) -> Sequence[str]:
    """The texts before which the model stops."""
    return (given,) if isinstance(given, str) else tuple(given or ())


def answer_schema(given: Mapping[str, Any] | None, param: str) -> tuple[Mapping[str, Any] | None, bool]:
    """The schema to answer by, and whether any JSON object will do.

    Args:
        given: a response format in the shape of either API.
        param: the parameter to blame.
    """
    kind = (given or {}).get("type", "text")
    if given is None or kind == "text":
        return None, False
    if kind == "json_object":
        return None, True
    if kind != "json_schema":
        message = f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema' and 'text'."
        raise bad(message, param=f"{param}.type", code="invalid_value")
    described, where = (given["json_schema"], f"{param}.json_schema") if given.get("json_schema") else (given, param)
    for name, wanted in (("name", str), ("schema", dict)):
        if not isinstance(described.get(name), wanted):
            raise missing(f"{where}.{name}")
    return described["schema"], False


def require_the_word_json(texts: Sequence[str], param: str, format_param: str) -> None:
    """Refuse a wish for some JSON object that no message speaks of, as the API does."""
    if not any("json" in text.lower() for text in texts):
        message = f"'{param}' must contain the word 'json' in some form, to use '{format_param}' of type 'json_object'."
        raise bad(message, param=param)
