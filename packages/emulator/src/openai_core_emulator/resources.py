"""Objects that are listed, made, fetched, changed and deleted, and nothing more: each kind is a row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Final

from .call import Answer, Call, Operation, page
from .errors import not_found
from .fields import PAGE, Fields

Make = Callable[[Call, str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object.

    Args:
        path: of the list of them, below `/v1`, such as `/evals/{eval_id}/runs`. Objects below different parents are
            on different lists.
        param: how the path calls the id of one of them, such as `run_id`.
        prefix: of their ids.
        object: what they say in `object`.
        create: what may be given to make one.
        update: what may be given to change one.
        make: gives what a new object holds beside `id`, `object` and what it was given; gets the call, the new id, and
            the latter.
        look: changes an object before it is shown, as time goes by.
        deleted: what the answer to its deletion says in `object`.
        parent: the kind that the path's other id is of; it must exist.
        order: in which lists come if nobody asks: `asc` or `desc`.
        query: further parameters of the list, by which it is filtered where an object has a field of the name.
    """

    path: str
    param: str
    _: KW_ONLY
    prefix: str
    object: str
    create: Fields = field(default_factory=dict)
    update: Fields = field(default_factory=dict)
    make: Make = lambda _call, _id, _given: {}
    look: Callable[[Call, dict[str, Any]], None] = lambda _call, _found: None
    deleted: str = ""
    parent: Kind | None = None
    order: str = "desc"
    query: Fields = field(default_factory=dict)

    def shelf(self, call: Call) -> dict[str, dict[str, Any]]:
        """The objects of this kind at the place that is called."""
        if self.parent:
            self.parent.find(call)
        return call.state.shelf(self.path.format_map(call.path))

    def find(self, call: Call) -> dict[str, Any]:
        """The object that is called for.

        Raises:
            Refusal: if there is none.
        """
        wanted, shelf = call.path[self.param], self.shelf(call)
        if wanted not in shelf:
            raise not_found(f"No {self.object} found with id '{wanted}'.", param=self.param)
        return shelf[wanted]

    def add(self, call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make an object and put it on its list.

        Args:
            call: where.
            given: what it shall hold; what is null is left out, as if it weren't given.
        """
        id_ = call.state.new_id(self.prefix)
        held = {name: value for name, value in given.items() if value is not None}
        made = {"id": id_, "object": self.object, **held, **self.make(call, id_, held)}
        self.shelf(call)[id_] = made
        return made

    def operations(self, verbs: Iterable[str] = ("list", "create", "retrieve", "update", "delete")) -> list[Operation]:
        """The operations on this kind, of these verbs."""
        chosen = {
            "list": Operation("GET", self.path, self._list, query={**PAGE, **self.query}),
            "create": Operation("POST", self.path, self._create, body=self.create),
            "retrieve": Operation("GET", self._one, self._retrieve),
            "update": Operation("POST", self._one, self._update, body=self.update),
            "delete": Operation("DELETE", self._one, self._delete),
        }
        return [chosen[verb] for verb in chosen if verb in set(verbs)]

    @property
    def _one(self) -> str:
        return f"{self.path}/{{{self.param}}}"

    def _list(self, call: Call) -> Answer:
        objects = list(self.shelf(call).values())
        for each in objects:
            self.look(call, each)
        for name in self.query.keys() & call.query.keys():
            objects = [each for each in objects if name not in each or each[name] == call.query[name]]
        return page(objects, call.query, order=self.order)

    def _create(self, call: Call) -> Answer:
        return self.add(call, call.body)

    def _retrieve(self, call: Call) -> Answer:
        found = self.find(call)
        self.look(call, found)
        return found

    def _update(self, call: Call) -> Answer:
        found = self.find(call)
        found.update(call.body)
        return found

    def _delete(self, call: Call) -> Answer:
        found = self.find(call)
        del self.shelf(call)[found["id"]]
        return {"id": found["id"], "object": self.deleted or f"{self.object}.deleted", "deleted": True}


PASSING: Final = ("queued", "in_progress", "completed")
"""What most things that take time go through."""


def move_on(found: dict[str, Any], states: tuple[str, ...] = PASSING) -> None:
    """Let something that takes time be one state further, as it is at each look."""
    if found["status"] in states[:-1]:
        found["status"] = states[states.index(found["status"]) + 1]
