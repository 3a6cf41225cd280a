"""Shapes as annotations: of what is given to the API, and of what it answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from generator.module import Module, literal
from generator.shapes import Choice, Const, External, ListOf, MapOf, Maybe, Record, Ref, Scalar, Shape, UnionOf

if TYPE_CHECKING:
    from generator.plan import Plan


class Home(Protocol):
    """Knows from which module a name is imported."""

    def models(self, name: str) -> str:
        """The module that holds the model of a component."""
        ...

    def params(self, name: str) -> str:
        """The module that holds the parameter type of a component."""
        ...


class Annotations:
    """Writes annotations for a module, and imports into it what they name.

    Args:
        plan: what is called how.
        home: what is imported from where.
        module: the module that is being written.
        here: dotted name of that module; what lives there needs no import.
    """

    def __init__(self, plan: Plan, home: Home, module: Module, here: str) -> None:
        self._plan = plan
        self._home = home
        self._module = module
        self._here = here

    def answer(self, shape: Shape) -> str:
        """A shape of something that the API answers with."""
        match shape:
            case Scalar(kind):
                return {"any": self._typing("Any"), "file": "str"}.get(kind, kind)
            case Const() | Choice():
                return self._literal(shape, is_open=True)
            case ListOf(item):
                return f"list[{self.answer(item)}]"
            case MapOf(value):
                return f"dict[str, {self.answer(value)}]"
            case Maybe(inner):
                return union(self.answer(inner), "None")
            case UnionOf(members):
                return self._answer_union(members)
            case Ref(name):
                return self._reference(name, self.answer, self.model)
            case External(module, name):
                return self._module.use(module, name)
            case Record():
                raise AssertionError("a record has a name by now")

    def given(self, shape: Shape) -> str:
        """A shape of something that the API is given."""
        match shape:
            case Scalar("any"):
                return "object"
            case Scalar("file"):
                return self._module.use("openai_core.files", "FileInput")
            case Scalar(kind):
                return kind
            case Const() | Choice():
                return self._literal(shape, is_open=False)
            case ListOf(item):
                return f"{self._abc('Sequence')}[{self.given(item)}]"
            case MapOf(value):
                return f"{self._abc('Mapping')}[str, {self.given(value)}]"
            case Maybe(inner):
                return union(self.given(inner), "None")
            case UnionOf(members):
                return union(*map(self.given, members))
            case Ref(name):
                return self._reference(name, self.given, self.param)
            case External(module, name):
                return self._module.use(module, name)
            case Record():
                raise AssertionError("a record has a name by now")

    def model(self, name: str) -> str:
        """The model of a component, imported."""
        python = self._plan.model_name(name)
        home = self._home.models(name)
        return python if home == self._here else self._module.use(home, python)

    def param(self, name: str) -> str:
        """The parameter type of a component, imported, and what else is accepted in its place."""
        plan = self._plan
        python = plan.param_name(name)
        home = self._home.params(name)
        names = [python if home == self._here else self._module.use(home, python)]
        if isinstance(plan.inner(name), Record):
            accepted = [name] if plan.is_answer(name) else []
            names += [self.model(each) for each in (*accepted, *plan.types["accepts"].get(name, ()))]
        return union(*names)

    def _reference(self, name: str, write: object, named: object) -> str:
        text = named(name) if self._plan.is_named(name) else write(self._plan.inner(name))  # type: ignore[operator]
        return union(text, "None") if isinstance(self._plan.shapes[name], Maybe) else text

    def _answer_union(self, members: tuple[Shape, ...]) -> str:
        tag = self._plan.shapes.tag(members)
        records = [member for member in members if tag and any(self._plan.shapes.records(member))]
        others = [self.answer(member) for member in members if member not in records]
        if not records:
            return union(*others)
        marker = self._module.use("openai_core.model", "OpenUnion")
        tagged = f"{self._typing('Annotated')}[{union(*map(self.answer, records))}, {marker}({literal(tag)})]"
        return union(*others, tagged)

    def _literal(self, shape: Const | Choice, *, is_open: bool) -> str:
        values = shape.values if isinstance(shape, Choice) else (shape.value,)
        text = f"{self._typing('Literal')}[{', '.join(map(literal, values))}]"
        if isinstance(shape, Choice) and (shape.open or is_open):
            kinds = dict.fromkeys(type(value).__name__ for value in values)
            return union(text, *kinds)
        return text

    def _typing(self, name: str) -> str:
        return self._module.use("typing", name)

    def _abc(self, name: str) -> str:
        return self._module.use("collections.abc", name)


def union(*members: str) -> str:
    """The union of annotations, each member once and None at the end."""
    parts = dict.fromkeys(part for member in members for part in _split(member))
    none = parts.pop("None", ...) is None
    return " | ".join([*parts, *(["None"] if none else [])])


def _split(union: str) -> list[str]:
    """The members of a union that is written down, those in brackets left whole."""
    parts, depth, start = [], 0, 0
    quoted = False
    for index, character in enumerate(union):
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character in "[(") - (character in "])")
            if character == "|" and depth == 0:
                parts.append(union[start:index].strip())
                start = index + 1
    return [*parts, union[start:].strip()]
