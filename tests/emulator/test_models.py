from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
TUNED = "ft:gpt-4o-mini:emulator::tuned1"


def test_every_model_of_the_list_can_be_retrieved(http: httpx.Client) -> None:
    listed = http.get("/models").json()["data"]
    assert {"gpt-4o", "text-embedding-3-small", TUNED} <= {model["id"] for model in listed}
    for model in listed:
        assert http.get(f"/models/{model['id']}").json() == model


def test_an_unknown_model_is_not_found(refused: Refused) -> None:
    assert refused(404, "GET", "/models/gpt-0")["code"] == "model_not_found"


def test_a_fine_tuned_model_can_be_deleted_and_is_gone_then(http: httpx.Client, refused: Refused) -> None:
    assert http.delete(f"/models/{TUNED}").json() == {"id": TUNED, "object": "model", "deleted": True}
    assert TUNED not in {model["id"] for model in http.get("/models").json()["data"]}
    refused(404, "GET", f"/models/{TUNED}")
    refused(404, "POST", "/responses", json={"model": TUNED, "input": "Hi"})


def test_other_models_cannot_be_deleted(refused: Refused) -> None:
    refused(403, "DELETE", "/models/gpt-4o")
