"""An organization's projects and what they may do.

https://platform.openai.com/docs/api-reference/projects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .admin_lists import BOTH_WAYS
from .call import Answer, Call, Operation, page
from .errors import bad
from .fields import BOOLEAN, PAGE, REQUIRED_STRING, STRING, Field, one_of
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESIDENCIES: Final = (
    "GLOBAL", "US_STORAGE_PROCESSING", "EU_STORAGE_PROCESSING", "JP_STORAGE", "KR_STORAGE", "CA_STORAGE", "SG_STORAGE",
    "IN_STORAGE", "AU_STORAGE", "GB_STORAGE", "AE_STORAGE", "AE_STORAGE_PROCESSING",
)  # fmt: skip
_LIMITED: Final[Mapping[str, tuple[int, int]]] = {
    "gpt-5": (10_000, 4_000_000),
    "gpt-5-mini": (30_000, 10_000_000),
    "gpt-image-1": (250, 800_000),
    "text-embedding-3-small": (10_000, 10_000_000),
}
"""Requests and tokens in a minute that a new project has."""

_TOOLS: Final = ("file_search", "web_search", "image_generation", "mcp", "code_interpreter")

PROJECTS: Final = Kind(
    "/organization/projects",
    "project_id",
    prefix="proj_",
    object="organization.project",
    create={"name": REQUIRED_STRING, "residency": one_of(*_RESIDENCIES), "external_key_id": STRING},
    update={"name": STRING, "external_key_id": STRING},
    make=lambda call, _id, given: {
        "created_at": call.state.now(),
        "archived_at": None,
        "status": "active",
        "external_key_id": given.get("external_key_id"),
        "residency": given.get("residency") or "GLOBAL",
    },
)
_ONE: Final = "/organization/projects/{project_id}"

_LIMIT: Final = Field(("integer",), minimum=0)
RATE_LIMITS: Final = Kind(
    f"{_ONE}/rate_limits",
    "rate_limit_id",
    prefix="rl-",
    object="project.rate_limit",
    update={
        "max_requests_per_1_minute": _LIMIT,
        "max_tokens_per_1_minute": _LIMIT,
        "max_images_per_1_minute": _LIMIT,
        "max_audio_megabytes_per_1_minute": _LIMIT,
        "max_requests_per_1_day": _LIMIT,
        "batch_1_day_max_input_tokens": _LIMIT,
    },
    parent=PROJECTS,
)


def add_project(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """Make a project, with the rate limits that a new one has."""
    project = PROJECTS.add(call, given)
    limits = call.state.shelf(RATE_LIMITS.path.format(project_id=project["id"]))
    for model, (requests, tokens) in _LIMITED.items():
        limits[f"rl-{model}"] = {
            "object": RATE_LIMITS.object,
            "id": f"rl-{model}",
            "model": model,
            "max_requests_per_1_minute": requests,
            "max_tokens_per_1_minute": tokens,
        }
    return project


def _create(call: Call) -> Answer:
    return add_project(call, call.body)


def _list(call: Call) -> Answer:
    wanted = {"active", "archived"} if call.query.get("include_archived") else {"active"}
    return page([each for each in PROJECTS.shelf(call).values() if each["status"] in wanted], call.query, order="asc")


def _archive(call: Call) -> Answer:
    project = PROJECTS.find(call)
    project |= {"status": "archived", "archived_at": call.state.now()}
    return project


def refuse_archived(call: Call) -> None:
    """Refuse to change anything in a project that is archived."""
    if PROJECTS.find(call)["status"] == "archived":
        raise bad("The project is archived and can't be changed.", param="project_id", code="project_archived")


def _rate_limits(call: Call) -> Answer:
    return page(RATE_LIMITS.shelf(call).values(), call.query, limit=100, order="asc")


def _kept(call: Call, name: str) -> dict[str, Any]:
    """What a project has one of, by a name of its own."""
    PROJECTS.find(call)
    return call.state.shelf(f"{name} of {call.path['project_id']}")


def _tools(call: Call) -> Answer:
    kept = _kept(call, "hosted tools")
    return {tool: kept.get(tool, {"enabled": True}) for tool in _TOOLS}


def _set_tools(call: Call) -> Answer:
    _kept(call, "hosted tools").update({tool: each for tool, each in call.body.items() if each is not None})
    return _tools(call)


def _models(call: Call) -> Answer:
    kept = _kept(call, "models")
    return {"object": "project.model_permissions", "mode": "deny_list", "model_ids": [], **kept.get("rule", {})}


def _set_models(call: Call) -> Answer:
    _kept(call, "models")["rule"] = dict(call.body)
    return _models(call)


def _drop_models(call: Call) -> Answer:
    _kept(call, "models").clear()
    return {"object": "project.model_permissions.deleted", "deleted": True}


_TOOL: Final = Field(("object",), properties={"enabled": Field(("boolean",), required=True)})
_RULE: Final = {
    "mode": one_of("allow_list", "deny_list", required=True),
    "model_ids": Field(("array",), required=True, items=STRING),
}

OPERATIONS: Final = (
    Operation("GET", PROJECTS.path, _list, query={**PAGE, "include_archived": BOOLEAN}),
    Operation("POST", PROJECTS.path, _create, body=PROJECTS.create),
    *PROJECTS.operations(["retrieve", "update"]),
    Operation("POST", f"{_ONE}/archive", _archive),
    Operation("GET", RATE_LIMITS.path, _rate_limits, query=BOTH_WAYS),
    *RATE_LIMITS.operations(["update"]),
    Operation("GET", f"{_ONE}/hosted_tool_permissions", _tools),
    Operation("POST", f"{_ONE}/hosted_tool_permissions", _set_tools, body=dict.fromkeys(_TOOLS, _TOOL)),
    Operation("GET", f"{_ONE}/model_permissions", _models),
    Operation("POST", f"{_ONE}/model_permissions", _set_models, body=_RULE),
    Operation("DELETE", f"{_ONE}/model_permissions", _drop_models),
)
