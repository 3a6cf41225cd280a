"""Models: https://platform.openai.com/docs/api-reference/models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Operation
from .errors import Refusal, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

_MODELS: Final[Mapping[str, tuple[int, str]]] = {
    "dall-e-2": (1_698_798_177, "system"),
    "dall-e-3": (1_698_785_189, "system"),
    "ft:gpt-4o-mini:emulator::tuned1": (1_767_225_600, "user-emulator"),
    "gpt-4.1": (1_744_316_542, "system"),
    "gpt-4.1-mini": (1_744_318_173, "system"),
    "gpt-4o": (1_715_367_049, "system"),
    "gpt-4o-mini": (1_721_172_741, "system"),
    "gpt-5": (1_754_425_777, "system"),
    "gpt-5-mini": (1_754_425_928, "system"),
    "gpt-image-1": (1_745_517_030, "system"),
    "o4-mini": (1_744_225_351, "system"),
    "text-embedding-3-large": (1_705_953_180, "system"),
    "text-embedding-3-small": (1_705_948_997, "system"),
    "text-embedding-ada-002": (1_671_217_299, "openai-internal"),
}
"""When each was made, and by whom."""


def require(state: State, model: str) -> None:
    """Refuse a model that doesn't exist.

    Every name is taken for a model, save those that begin with `does-not-exist` and those that were deleted.
    """
    if not model or model.startswith("does-not-exist") or model in state.deleted_models:
        raise _no_model(model)


def _no_model(model: str) -> Refusal:
    return not_found(f"The model `{model}` does not exist or you do not have access to it.", code="model_not_found")


def _model(call: Call, name: str) -> dict[str, Any]:
    if name not in _MODELS or name in call.state.deleted_models:
        raise _no_model(name)
    created, owner = _MODELS[name]
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _list(call: Call) -> Answer:
    return {"object": "list", "data": [_model(call, name) for name in _MODELS if name not in call.state.deleted_models]}


def _retrieve(call: Call) -> Answer:
    return _model(call, call.path["model"])


def _delete(call: Call) -> Answer:
    name = _model(call, call.path["model"])["id"]
    if not name.startswith("ft:"):
        raise Refusal(403, f"The model {name} belongs to OpenAI and can't be deleted.", code="model_not_deletable")
    call.state.deleted_models.add(name)
    return {"id": name, "object": "model", "deleted": True}


OPERATIONS: Final = (
    Operation("GET", "/models", _list),
    Operation("GET", "/models/{model:path}", _retrieve),
    Operation("DELETE", "/models/{model:path}", _delete),
)
