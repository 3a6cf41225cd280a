"""How long data is kept and how much is spent, by an organization and by its projects.

https://platform.openai.com/docs/api-reference/administration
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .admin_lists import BOTH_WAYS
from .admin_projects import PROJECTS
from .call import Answer, Call, Operation, page
from .errors import not_found
from .fields import REQUIRED_STRING, STRING, Field, one_of
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .fields import Fields

_MONTHLY: Final = {"currency": one_of("USD", required=True), "interval": one_of("month", required=True)}
_ALERT: Final = {
    **_MONTHLY,
    "threshold_amount": Field(("integer",), required=True, minimum=0),
    "notification_channel": Field(
        ("object",),
        required=True,
        properties={
            "type": one_of("email", required=True),
            "recipients": Field(("array",), required=True, fewest=1, items=REQUIRED_STRING),
            "subject_prefix": STRING,
        },
    ),
}
_LIMIT: Final = {**_MONTHLY, "threshold_amount": Field(("integer",), required=True, minimum=1)}
_RETENTIONS: Final = (
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_zero_data_retention",
    "enhanced_modified_abuse_monitoring",
)


def _alerts(path: str, whose: str, parent: Kind | None) -> Sequence[Operation]:
    kind = Kind(
        f"{path}/spend_alerts",
        "alert_id",
        prefix="alert_",
        object=f"{whose}.spend_alert",
        create=_ALERT,
        update=_ALERT,
        parent=parent,
    )

    def show(call: Call) -> Answer:
        return page(kind.shelf(call).values(), call.query)

    return (
        Operation("GET", kind.path, show, query=BOTH_WAYS),
        *kind.operations(["create", "retrieve", "update", "delete"]),
    )


def _only_one(
    path: str, parent: Kind | None, body: Fields, show: Callable[[dict[str, Any]], Answer]
) -> Sequence[Operation]:
    """The operations that show and set what there is one of."""

    def shelf(call: Call) -> dict[str, dict[str, Any]]:
        if parent:
            parent.find(call)
        return call.state.shelf(path.format_map(call.path))

    def retrieve(call: Call) -> Answer:
        return show(shelf(call).get("set", {}))

    def update(call: Call) -> Answer:
        shelf(call)["set"] = dict(call.body)
        return retrieve(call)

    return Operation("GET", path, retrieve), Operation("POST", path, update, body=body)


def _limit(path: str, whose: str, parent: Kind | None) -> Sequence[Operation]:
    name = f"{whose}.spend_limit"
    path = f"{path}/spend_limit"

    def show(kept: dict[str, Any]) -> Answer:
        if not kept:
            raise not_found("There is no spend limit.", code="spend_limit_not_found")
        return {"object": name, **kept, "enforcement": {"status": "inactive"}}

    retrieve, update = _only_one(path, parent, _LIMIT, show)

    def delete(call: Call) -> Answer:
        retrieve.handler(call)
        call.state.shelf(path.format_map(call.path)).clear()
        return {"object": f"{name}.deleted", "deleted": True}

    return retrieve, update, Operation("DELETE", path, delete)


def _retention(path: str, whose: str, parent: Kind | None, choices: Sequence[str]) -> Sequence[Operation]:
    def show(kept: dict[str, Any]) -> Answer:
        return {"object": f"{whose}.data_retention", "type": kept.get("retention_type", choices[0])}

    return _only_one(f"{path}/data_retention", parent, {"retention_type": one_of(*choices, required=True)}, show)


_ORGANIZATION: Final = ("/organization", "organization", None)
_PROJECT: Final = (f"{PROJECTS.path}/{{project_id}}", "project", PROJECTS)

OPERATIONS: Final = (
    *_alerts(*_ORGANIZATION),
    *_alerts(*_PROJECT),
    *_limit(*_ORGANIZATION),
    *_limit(*_PROJECT),
    *_retention(*_ORGANIZATION, ("modified_abuse_monitoring", *_RETENTIONS)),
    *_retention(*_PROJECT, ("organization_default", "none", *_RETENTIONS)),
)
