"""Decides what is written where: who owns which schema, and what it is called."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from openapi_pydantic import Operation, Parameter, Reference

from generator import spec
from generator.naming import pascal
from generator.shapes import Choice, Const, External, Field, ListOf, MapOf, Maybe, Record, Ref, Shape, Shapes, UnionOf
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi_pydantic import OpenAPI

CORE = "core"


@dataclass(frozen=True)
class Call:
    """One method of the API: an operation, or a variant of it."""

    domain: str
    id: str
    path: str
    verb: str
    groups: tuple[str, ...]
    name: str
    kind: str
    """`plain`, `paged`, `stream`, `binary` or `text`."""
    returns: Shape | None
    path_params: tuple[str, ...]
    fields: tuple[Field, ...]
    places: dict[str, str]
    """For each field: `query`, `body` or `header`."""
    names: dict[str, str]
    """What fields are called that aren't called as on the wire."""
    fixed: dict[str, Any]
    """What is sent in each case."""
    facts: dict[str, Any]
    admin: bool
    deprecated: str
    """What to use instead, if the operation is on its way out."""
    multipart: tuple[str, ...]
    parts: dict[str, str]
    reference: str

    @property
    def form(self) -> str:
        """Its kind; `accumulating` for a stream whose events make up an answer."""
        return "accumulating" if "whole" in self.facts else self.kind

    @property
    def call(self) -> str:
        """Where a user finds it, without `client.`."""
        return ".".join((*self.groups, self.name))


@dataclass(frozen=True)
class Helper:
    """A method that is written by hand: a function that gives steps, a socket, or a stream's parsing."""

    domain: str
    groups: tuple[str, ...]
    name: str
    module: str
    """Of the domain's package."""
    function: str
    kind: str = "Steps"
    """`Steps`, `Socket` or `ParsedStream`."""

    @property
    def call(self) -> str:
        """Where a user finds it, without `client.`."""
        return ".".join((*self.groups, self.name))


@dataclass
class Plan:
    """Everything that the writers of code need to know."""

    document: OpenAPI
    types: dict[str, Any] = field(default_factory=lambda: spec.data("types.toml"))
    operations: dict[str, dict[str, Any]] = field(default_factory=lambda: spec.data("operations.toml"))
    by_hand: dict[str, dict[str, str | dict[str, str]]] = field(default_factory=lambda: spec.data("helpers.toml"))

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes of all components."""
        schemas = self.document.components.schemas if self.document.components else None
        if not schemas:
            raise GeneratorError("the description has no components")
        return Shapes(schemas)

    @cached_property
    def domains(self) -> list[str]:
        """All domains that have operations or types."""
        return sorted({*self.operations, *self.types["roots"]})

    @cached_property
    def calls(self) -> dict[str, list[Call]]:
        """The methods of each domain."""
        described = {
            operation.operationId: (path, verb, operation)
            for path, item in (self.document.paths or {}).items()
            for verb in ("get", "post", "put", "patch", "delete")
            if (operation := getattr(item, verb)) is not None
        }
        calls: dict[str, list[Call]] = {domain: [] for domain in self.domains}
        for domain, entries in self.operations.items():
            for id_, facts in entries.items():
                if id_ not in described:
                    raise GeneratorError(f"operations.toml: the description has no operation {id_!r}")
                calls[domain] += self._calls_of(domain, facts, *described.pop(id_))
        if described:
            raise GeneratorError(f"operations.toml doesn't say where these belong: {sorted(map(str, described))}")
        return calls

    @cached_property
    def helpers(self) -> dict[str, list[Helper]]:
        """The methods of each domain that are written by hand."""
        found: dict[str, list[Helper]] = {domain: [] for domain in self.domains}
        for domain, entries in self.by_hand.items():
            for call, entry in entries.items():
                *groups, name = call.split(".")
                given = {"place": entry} if isinstance(entry, str) else dict(entry)
                module, _, function = given.pop("place").partition(":")
                found[domain].append(Helper(domain, tuple(groups), name, module, function, **given))
        return found

    def _calls_of(
        self, domain: str, facts: dict[str, Any], path: str, verb: str, operation: Operation
    ) -> Iterator[Call]:
        path, _, query = path.partition("?")
        fields, places, path_params, names = [], {}, [], {}
        for parameter in operation.parameters or ():
            if not isinstance(parameter, Parameter) or parameter.param_schema is None:
                raise GeneratorError(f"{operation.operationId}: a parameter without a schema")
            if parameter.param_in.value == "path":
                path_params.append(parameter.name)
                continue
            shape = self.shapes.of(parameter.param_schema, f"{operation.operationId}/{parameter.name}")
            if parameter.param_in.value == "header":
                shape = _opened(shape)
            fields.append(Field(parameter.name, shape, bool(parameter.required)))
            places[parameter.name] = parameter.param_in.value
            if called := (parameter.param_schema.model_extra or {}).get("x-stainless-param"):
                names[parameter.name] = called
        path_params.sort(key=lambda name: path.index("{" + name + "}"))
        body, multipart, parts = self._body(operation)
        for each in body:
            if each.name in places:
                raise GeneratorError(f"{operation.operationId}: {each.name!r} is a parameter and in the body")
            places[each.name] = "body"
        fields += body
        *groups, name = facts["call"].split(".")
        variants = facts.get("variants", [])
        # What only a variant has isn't a parameter of the others, nor is what a variant fixes by a boolean.
        special = {key for variant in variants for key in variant.get("also", ())}
        special |= {key for variant in variants for key, value in variant.get("fixed", {}).items() if value is True}
        special |= set(facts.get("without", ()))
        meta = (operation.model_extra or {}).get("x-oaiMeta") or {}
        shared: dict[str, Any] = {
            "domain": domain,
            "id": str(operation.operationId),
            "path": path,
            "verb": verb.upper(),
            "groups": tuple(groups),
            "path_params": tuple(path_params),
            "places": places,
            "names": names,
            "admin": any("AdminApiKeyAuth" in need for need in operation.security or ()),
            "deprecated": self._deprecated(domain, facts, operation),
            "multipart": multipart,
            "parts": parts,
            "reference": "/".join(
                part
                for part in ((meta.get("group") or "").replace("_", "-"), meta.get("path"))
                if part and re.fullmatch(r"[\w-]+", part)
            ),
        }
        fixed_query = dict(pair.split("=") for pair in query.split("&")) if query else {}
        kind = facts.get("kind", "paged" if "page" in facts else "plain")
        yield Call(
            **shared,
            name=name,
            kind=kind,
            returns=self._answer(operation, facts, kind),
            fields=tuple(each for each in fields if each.name not in special),
            fixed=fixed_query,
            facts={
                **facts,
                "stream": next((v["name"] for v in variants if v.get("kind") == "stream"), None),
                "instead": _instead(variants, {each.name for each in fields} - special),
            },
        )
        for variant in variants:
            fixed = variant.get("fixed", {})
            choices = variant.get("choices", {})
            own = {*special, *fixed} - set(variant.get("also", ()))
            yield Call(
                **shared,
                name=variant["name"],
                kind=variant.get("kind", "plain"),
                returns=_result(variant["returns"]) if "returns" in variant else None,
                fields=tuple(
                    Field(each.name, Choice(tuple(choices[each.name])), required=True) if each.name in choices else each
                    for each in fields
                    if each.name not in own
                ),
                fixed={**fixed_query, **fixed},
                facts={**facts, **variant, "stream": None, "instead": None},
            )

    def _body(self, operation: Operation) -> tuple[list[Field], tuple[str, ...], dict[str, str]]:
        """The fields of a body; of a form, those that hold files and the media types that others are written in."""
        body = operation.requestBody
        if body is None:
            return [], (), {}
        if isinstance(body, Reference):
            raise GeneratorError(f"{operation.operationId}: a body by reference")
        content = {name: media.media_type_schema for name, media in body.content.items() if media.media_type_schema}
        # Where a file can be sent, the form can do all that JSON can.
        for media_type in ("multipart/form-data", "application/json"):
            schema = content.get(media_type)
            if schema is None:
                continue
            shape = self.shapes.of(schema, str(operation.operationId))
            record = self.shapes.record(shape)
            if record is None:
                raise GeneratorError(f"{operation.operationId}: the body is no object but {shape}")
            files = tuple(each.name for each in record.fields if self._holds_file(each.shape))
            if files or media_type == "application/json" or "application/json" not in content:
                encoding = body.content[media_type].encoding or {}
                parts = {name: each.contentType for name, each in encoding.items() if each.contentType}
                if media_type == "multipart/form-data" and not files and not parts:
                    raise GeneratorError(f"{operation.operationId}: a form without files")
                return list(record.fields), files, parts
        raise GeneratorError(f"{operation.operationId}: a body of {list(content)}")

    def _holds_file(self, shape: Shape) -> bool:
        if isinstance(shape, Maybe):
            return self._holds_file(shape.inner)
        if isinstance(shape, ListOf):
            return self._holds_file(shape.item)
        if isinstance(shape, UnionOf):
            return any(map(self._holds_file, shape.members))
        return getattr(shape, "kind", "") == "file"

    def _deprecated(self, domain: str, facts: dict[str, Any], operation: Operation) -> str:
        said: str = facts.get("deprecated") or self.types["deprecated"].get(domain, "")
        if operation.deprecated and not said:
            raise GeneratorError(f"{operation.operationId} is deprecated: [deprecated] in types.toml has to tell why")
        return said

    def _answer(self, operation: Operation, facts: dict[str, Any], kind: str) -> Shape | None:
        if "returns" in facts:
            return _result(facts["returns"])
        if kind in {"binary", "text"}:
            return None
        for status, answer in (operation.responses or {}).items():
            if isinstance(answer, Reference) or not status.startswith("2") or not answer.content:
                continue
            media = answer.content.get("application/json")
            if media is not None and media.media_type_schema is not None:
                return self.shapes.of(media.media_type_schema, pascal(str(operation.operationId)) + "Result")
        return None

    def page_item(self, call: Call) -> Shape:
        """What a list lists."""
        record = self.shapes.record(call.returns) if call.returns else None
        for each in record.fields if record else ():
            shape = each.shape.inner if isinstance(each.shape, Maybe) else each.shape
            if each.name == "data" and isinstance(shape, ListOf):
                return shape.item
        raise GeneratorError(f"{call.id}: the answer has no list in 'data'")

    def whole(self, call: Call) -> Shape:
        """What the events of an accumulating stream make up."""
        return _result(call.facts["whole"])

    @cached_property
    def inputs(self) -> dict[str, set[str]]:
        """The components that each domain's calls can be given."""
        found: dict[str, set[str]] = {}
        for domain in self.domains:
            roots = [each.shape for call in self.calls[domain] for each in call.fields]
            roots += map(Ref, self.types["roots"].get(domain, {}).get("inputs", ()))
            found[domain] = self.reachable(roots)
        return found

    @cached_property
    def outputs(self) -> dict[str, set[str]]:
        """The components that each domain's calls can answer with."""
        found: dict[str, set[str]] = {}
        for domain in self.domains:
            roots = [call.returns for call in self.calls[domain] if call.returns is not None]
            roots += map(Ref, self.types["roots"].get(domain, {}).get("outputs", ()))
            found[domain] = self.reachable(roots)
        return found

    @cached_property
    def events(self) -> set[str]:
        """The components that are events: members of what is streamed, or comes by websocket or webhook."""
        streamed = [call.returns for calls in self.calls.values() for call in calls if call.kind == "stream"]
        told = [Ref(name) for roots in self.types["roots"].values() for name in roots.get("outputs", ())]
        return {
            name
            for shape in (*streamed, *told)
            for name in self._members(shape)
            if any(each.name in {"type", "event", "object"} for each in self._fields_of(name))
        }

    def _members(self, shape: Shape | None) -> Iterator[str]:
        if isinstance(shape, Ref) and isinstance(self.inner(shape.name), Record):
            yield shape.name
        elif isinstance(shape, Ref):
            yield from self._members(self.inner(shape.name))
        elif isinstance(shape, UnionOf):
            for member in shape.members:
                yield from self._members(member)

    def _fields_of(self, name: str) -> tuple[Field, ...]:
        record = self.shapes.record(Ref(name))
        return tuple(record.fields) if record else ()

    def reachable(self, roots: Iterable[Shape]) -> set[str]:
        """The names that some shapes lead to."""
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            for name in references(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(self.shapes[name])
        return found

    @cached_property
    def owners(self) -> dict[str, str]:
        """The domain that each component belongs to; what several domains need belongs to core."""
        users: defaultdict[str, set[str]] = defaultdict(set)
        for domain in self.domains:
            for name in self.inputs[domain] | self.outputs[domain]:
                users[name].add(domain)
        edges: dict[str, list[str]] = self.types["depends"]
        owners: dict[str, str] = {}
        for name, domains in users.items():
            lenders = (
                domains
                if len(domains) == 1
                else {*domains, *(to for domain in domains for to in edges.get(domain, ()))}
            )
            owners[name] = next(
                (
                    lender
                    for lender in sorted(lenders)
                    if all(domain == lender or lender in edges.get(domain, ()) for domain in domains)
                ),
                CORE,
            )
        return owners

    def base_name(self, name: str) -> str:
        """What a component is called, without a suffix that tells what it is for."""
        given: dict[str, str] = self.types["names"]
        if name in given:
            return given[name]
        parent, slash, last = name.rpartition("/")
        if not slash:
            return name if name.isidentifier() and "_" not in name else pascal(name)
        return self.base_name(parent).removesuffix("Param") + pascal(last)

    def model_name(self, name: str) -> str:
        """What a component is called among what the API answers with."""
        base = self.base_name(name)
        plain = base.removesuffix("Param")
        # An answer may quote what it was given, in a shape of its own.
        return f"{plain}Input" if plain != base and plain in self._bases else plain

    @cached_property
    def _bases(self) -> set[str]:
        return {self.base_name(name) for name in self.owners}

    def param_name(self, name: str) -> str:
        """What a component is called among what the API is given."""
        base = self.base_name(name)
        return base if self.is_choice(name) else f"{base.removesuffix('Param')}Param"

    def inner(self, name: str) -> Shape:
        """The shape of a component, leaving aside that it may be null."""
        shape = self.shapes[name]
        return shape.inner if isinstance(shape, Maybe) else shape

    def is_choice(self, name: str) -> bool:
        """Whether a component is an enumeration."""
        return isinstance(self.inner(name), Choice)

    def is_named(self, name: str) -> bool:
        """Whether a component is worth a name in Python, or is written out wherever it is used."""
        return isinstance(self.inner(name), (Record, UnionOf, Choice))

    def is_answer(self, name: str) -> bool:
        """Whether some call of some domain answers with a component."""
        return any(name in names for names in self.outputs.values())

    def ordered(self, names: Iterable[str]) -> list[str]:
        """Components so that each comes after those that it is made of."""
        wanted = set(names)
        found: dict[str, None] = {}

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in found or name in above:
                return
            for inner in references(self.shapes[name]):
                visit(inner, (*above, name))
            if name in wanted:
                found[name] = None

        for name in sorted(wanted, key=list(self.shapes.named).index):
            visit(name, ())
        return list(found)


def _instead(variants: list[dict[str, Any]], taken: set[str]) -> dict[str, list[str]]:
    """The parameters that decide between the variants of a call, and the names of those that they lead to."""
    found: dict[str, list[str]] = {}
    for variant in variants:
        for name in (*variant.get("fixed", ()), *variant.get("choices", ())):
            if name not in taken and name != "stream":
                found.setdefault(name, []).append(variant["name"])
    return found


def _opened(shape: Shape) -> Shape:
    """The shape of a header: what features there are to name changes faster than descriptions do."""
    match shape:
        case ListOf(item):
            return ListOf(_opened(item))
        case Const(value):
            return Choice((value,), open=True)
        case Choice(values):
            return Choice(values, open=True)
        case _:
            return shape


def _result(name: str) -> Shape:
    module, colon, own = name.partition(":")
    return External(module, own) if colon else Ref(name)


def references(shape: Shape) -> Iterator[str]:
    """The names that a shape mentions, in order."""
    match shape:
        case Ref(name):
            yield name
        case Maybe(inner) | ListOf(inner) | MapOf(inner):
            yield from references(inner)
        case UnionOf(members):
            for member in members:
                yield from references(member)
        case Record(fields):
            for each in fields:
                yield from references(each.shape)
        case _:
            pass
