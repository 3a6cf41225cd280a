"""The API description as a judge: which operation a request is, and what is wrong with it or with its answer."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl

import jsonschema_rs

from generator.spec import document
from openai_core_emulator.forms import nested

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HERE: Final = Path(__file__).parent
VERBS: Final = ("get", "post", "put", "patch", "delete")
JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
EVENTS: Final = "text/event-stream"

Mode = Literal["closed", "arm", "open"]
"""Whether an object may have no more fields than it is described with: `closed`. An `arm` of a composition knows but a
part of them, and only what is inside it is closed."""

_UNSAID: Final = frozenset({"description", "example", "examples", "default", "title", "discriminator"})
"""What doesn't decide whether a value is valid."""


@dataclass
class Exchange:
    """One request, and its answer."""

    method: str
    path: str
    """Below the base URL."""
    query: str
    request_type: str
    request: bytes
    status: int = 0
    answer_type: str = ""
    answer: bytes = b""


def _exceptions() -> list[dict[str, str]]:
    found: list[dict[str, str]] = tomllib.loads((HERE / "exceptions.toml").read_text("utf-8"))["exception"]
    return found


@dataclass(frozen=True)
class Described:
    """One operation of the description."""

    id: str
    method: str
    path: str
    """With the names of its parameters in braces, and without a query."""
    query: Mapping[str, str]
    """What the query has to hold for a request to be of this operation."""
    operation: Mapping[str, Any] = field(repr=False)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What paths of this operation look like."""
        parts = re.split(r"(\{\w+\})", self.path)
        return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))

    @property
    def content(self) -> Mapping[str, Any]:
        """What the body may be, by media type."""
        found: Mapping[str, Any] = self.operation.get("requestBody", {}).get("content", {})
        return found

    def parameters(self, place: str) -> dict[str, Mapping[str, Any]]:
        """The parameters in the `query`, the `header` or the `path`."""
        return {each["name"]: each for each in self.operation.get("parameters", ()) if each["in"] == place}


def find(operations: Iterable[Described], method: str, path: str, query: str) -> Described | None:
    """The operation, out of several, that a request is of.

    Args:
        operations: those that there are.
        method: of HTTP.
        path: below the base URL.
        query: as it stands in the URL.
    """
    given = dict(parse_qsl(query))
    fitting = [
        each
        for each in operations
        if each.method == method and each.pattern.fullmatch(path) and each.query.items() <= given.items()
    ]
    # A fixed path goes before one with a parameter in the same place, and a fixed query before none.
    return min(fitting, key=lambda each: (each.path.count("{"), -len(each.query)), default=None)


@dataclass
class Description:
    """An API description.

    Args:
        document: the description, as read from JSON.
    """

    document: Mapping[str, Any] = field(repr=False)
    exceptions: list[dict[str, str]] = field(default_factory=_exceptions, repr=False)
    used: set[int] = field(default_factory=set, repr=False)
    """Numbers of the exceptions that were made."""

    @classmethod
    def read(cls, source: str) -> Description:
        """The pinned description, corrected by the generator's overrides, each of which has its reason.

        Args:
            source: path or URL of it.
        """
        return cls(document(source))

    @cached_property
    def operations(self) -> dict[str, Described]:
        """All operations, by their ids."""
        found = {}
        for path, item in self.document["paths"].items():
            plain, _, query = path.partition("?")
            for verb in VERBS:
                if verb in item:
                    id_ = item[verb]["operationId"]
                    found[id_] = Described(id_, verb.upper(), plain, dict(parse_qsl(query)), item[verb])
        return found

    def find(self, method: str, path: str, query: str) -> Described | None:
        """The operation that a request is of; see `find`."""
        return find(self.operations.values(), method, path, query)

    def problems(self, exchange: Exchange) -> list[str]:
        """What is wrong with a request and its answer, save for the exceptions; nothing where no operation fits."""
        described = self.find(exchange.method, exchange.path, exchange.query)
        if described is None:
            return []
        of_request = self.problems_of_request(described, exchange.query, exchange.request_type, exchange.request)
        of_answer = self.problems_of_answer(described, exchange.status, exchange.answer_type, exchange.answer)
        return [
            *(f"{described.id} is sent with {each}" for each in self.unexcused(described, "request", of_request)),
            *(f"{described.id} is answered with {each}" for each in self.unexcused(described, "answer", of_answer)),
        ]

    def unexcused(self, described: Described, side: str, problems: Iterable[str]) -> Iterator[str]:
        """The problems that no exception is made for."""
        for problem in problems:
            excuses = [
                number
                for number, each in enumerate(self.exceptions)
                if each["side"] == side
                and re.fullmatch(each["operation"], described.id)
                and re.search(each["problem"], problem)
            ]
            self.used.update(excuses)
            if not excuses:
                yield problem

    def problems_of_request(self, described: Described, query: str, content_type: str, body: bytes) -> Iterator[str]:
        """What is wrong with a request: parameters that there aren't, and values that aren't as described."""
        yield from self._problems_of_query(described, query)
        kind = content_type.partition(";")[0].strip()
        if not body:
            if described.operation.get("requestBody", {}).get("required"):
                yield "the body is missing"
            return
        media = described.content.get(kind)
        if media is None:
            yield f"a body of {kind or 'no content type'}, which is none of {list(described.content)}"
        elif kind == JSON:
            yield from self.problems_of_body(described, json.loads(body))
        elif kind == FORM:
            form = nested(form_of(content_type, body))
            yield from self._problems_of_text(media["schema"], form, "form")

    def problems_of_body(self, described: Described, body: object, kind: str = JSON) -> Iterator[str]:
        """What is wrong with a body, fields that there aren't included."""
        yield from self._problems(described.content[kind]["schema"], body, "closed")

    def problems_of_answer(self, described: Described, status: int, content_type: str, body: bytes) -> Iterator[str]:
        """What is wrong with an answer."""
        content = described.operation["responses"].get(str(status), {}).get("content", {})
        kind = content_type.partition(";")[0].strip()
        schema = content.get(kind, {}).get("schema")
        if schema is None or schema == {"type": "string"}:
            return
        if kind == JSON:
            yield from self._problems(schema, json.loads(body), "open")
        elif kind == EVENTS:
            for line in body.splitlines():
                if line.startswith(b"data: ") and line != b"data: [DONE]":
                    yield from self._problems(schema, json.loads(line[6:]), "open")

    def _problems_of_query(self, described: Described, query: str) -> Iterator[str]:
        parameters = described.parameters("query")
        names = {name.removesuffix("[]"): name for name in parameters}
        given = nested([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in described.query])
        for name, value in given.items():
            if name not in names:
                yield f"the query has {name!r}, which there isn't"
            else:
                yield from self._problems_of_text(parameters[names[name]]["schema"], value, f"query.{name}")
        for name, wire in names.items():
            if parameters[wire].get("required") and name not in given:
                yield f"the query lacks {name!r}"

    def _problems_of_text(self, schema: Any, value: object, place: str) -> Iterator[str]:
        """What is wrong with a value whose leaves arrived as text."""
        problems = list(self._problems(schema, value, "closed"))
        if problems and list(self._problems(schema, _read(value), "closed")):
            yield from (f"{place}: {problem}" for problem in problems)

    def _problems(self, schema: Any, value: object, mode: Mode) -> Iterator[str]:
        found = list(self.validator(schema, mode).iter_errors(value))
        # Where a part of a composition is wrong its fields count as unknown; that goes away with the first problem.
        first = [each for each in found if each.kind.name != "unevaluatedProperties"] or found
        for error in first:
            yield f"{'.'.join(map(str, error.instance_path)) or 'it'}: {error.message}"

    def validator(self, schema: Any, mode: Mode) -> Any:
        """What validates a schema of this description."""
        key = (json.dumps(schema, sort_keys=True), mode)
        if key not in self._validators:
            root = {**strict_schema(schema, mode), "components": {"schemas": self._schemas}}
            self._validators[key] = jsonschema_rs.Draft202012Validator(self._only_reachable(root))
        return self._validators[key]

    _validators: dict[tuple[str, Mode], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        given = self.document["components"]["schemas"]
        modes: tuple[Mode, ...] = ("closed", "arm", "open")
        return {f"{name}~{mode}": strict_schema(schema, mode) for name, schema in given.items() for mode in modes}

    def _only_reachable(self, root: dict[str, Any]) -> dict[str, Any]:
        """A schema with the components that it needs: fewer of them compile faster."""
        found: dict[str, Any] = {}
        waiting = [{key: value for key, value in root.items() if key != "components"}]
        while waiting:
            for name in _references(waiting.pop()):
                if name not in found:
                    found[name] = self._schemas[name]
                    waiting.append(found[name])
        return {**root, "components": {"schemas": found}}


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """A schema without what an older OpenAPI said in another way."""
    made = dict(node)
    for bound in ("minimum", "maximum"):
        if node.get(exclusive := f"exclusiveM{bound[1:]}") is True:
            made[exclusive] = made.pop(bound)
    if {"nullable": True} in node.get("allOf", ()):
        made |= {"allOf": [part for part in node["allOf"] if part != {"nullable": True}], "nullable": True}
    return made


def strict_schema(node: Any, mode: Mode) -> Any:  # noqa: C901 - a case for each keyword that differs
    """JSON Schema in place of what OpenAPI has left in a schema.

    `nullable` becomes a union with null. `oneOf` becomes `anyOf`, for the arms of many unions overlap.
    """
    if not isinstance(node, dict):
        return node
    node = _plain(node)
    if "$ref" in node:
        reference = {"$ref": f"#/components/schemas/{node['$ref'].rpartition('/')[2]}~{mode}"}
        return {"anyOf": [reference, {"type": "null"}]} if node.get("nullable") else reference
    # A file, or a schema that stands for the whole it is in.
    if node.get("format") == "binary" or "$recursiveRef" in node:
        return {}
    whole = "properties" in node or "allOf" in node
    inside: Mode = "open" if mode == "open" else "closed"
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key in _UNSAID or key.startswith("x-") or (key == "format" and value not in {"date", "uri"}):
            continue
        match key:
            case "properties":
                made[key] = {name: strict_schema(each, inside) for name, each in value.items()}
            case "anyOf" | "oneOf" | "allOf":
                arm: Mode = "arm" if whole and mode == "closed" else mode
                made.setdefault(key.replace("one", "any"), []).extend(strict_schema(each, arm) for each in value)
            case "items" | "additionalProperties" | "propertyNames":
                made[key] = strict_schema(value, inside)
            case _:
                made[key] = value
    if "properties" in made:
        # A few fields must be there and aren't described any further.
        made["properties"] = {name: {} for name in node.get("required", ())} | made["properties"]
    if mode == "closed" and whole and "additionalProperties" not in made:
        made["unevaluatedProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", None) is True else made


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        yield from chain.from_iterable(_references(each) for each in node.values())
    elif isinstance(node, list):
        yield from chain.from_iterable(_references(each) for each in node)


def form_of(content_type: str, body: bytes) -> Iterator[tuple[str, object]]:
    """The fields of a form. Files are any value: schemas don't tell what is in them."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: %b\r\n\r\n%b" % (content_type.encode(), body))
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content: Any = part.get_payload(decode=True)
        if part.get_filename() is not None:
            yield name, ""
        else:
            yield name, json.loads(content) if part.get_content_type() == JSON else content.decode()


def _read(value: Any) -> Any:
    """Text as the number or boolean that it may stand for."""
    if isinstance(value, dict):
        return {name: _read(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_read(each) for each in value]
    try:
        return json.loads(value)
    except ValueError:
        return value
