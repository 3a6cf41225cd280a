"""The route by which faults are planned over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from .fault import Fault
from .kinds import KINDS
from .plan import Planned

if TYPE_CHECKING:
    from .exchange import Exchange
    from .log import Log
    from .plan import Plan

PATH: Final = "/_faults"


async def control(exchange: Exchange, plan: Plan, log: Log) -> None:
    """Answer a request about faults."""
    method = exchange.request.method
    status = 200
    if method == "POST":
        try:
            body = exchange.request.json()
            plan.add([_planned(wanted) for wanted in (body if isinstance(body, list) else [body])])
        except (TypeError, ValueError, RecursionError) as error:
            await _say(exchange, {"error": {"message": str(error), "type": "invalid_request_error"}}, 400)
            return
    elif method == "DELETE":
        plan.reset()
        log.reset()
    elif method != "GET":
        status = 405
    await _say(exchange, _state(plan, log), status)


def _planned(wanted: Any) -> Planned:
    if not isinstance(wanted, dict) or not isinstance(wanted.get("fault"), str | None):
        raise TypeError('a fault is planned with {"fault": "its name", ...}; null as its name is a good answer')
    settings = dict(wanted)
    name, times, path = settings.pop("fault", None), settings.pop("times", 1), settings.pop("path", "*")
    if isinstance(times, bool) or not isinstance(times, int | None) or not isinstance(path, str):
        raise TypeError("times is a number or null, path a text")
    return Planned(None if name is None else _fault(name, settings), times, path)


def _fault(text: str, settings: dict[str, Any]) -> Fault:
    """A fault whose settings stand beside its name, or with it in one text, as `GET` tells them."""
    written = Fault.parse(text)
    return Fault(written.name, **{**dict(written.settings), **settings})


def _state(plan: Plan, log: Log) -> dict[str, Any]:
    return {
        "seed": plan.chaos.seed if plan.chaos else None,
        "planned": [
            {"fault": str(each.fault) if each.fault else None, "times": each.times, "path": each.path}
            for each in plan.planned
        ],
        "played": [str(fault) for fault in log.played],
        "requests": len(log.requests),
        "kinds": {
            kind.name: {
                "where": kind.where,
                "what": kind.summary,
                "settings": dict(kind.settings),
                "choices": dict(kind.choices),
            }
            for kind in KINDS.values()
        },
    }


async def _say(exchange: Exchange, document: object, status: int) -> None:
    await exchange.answer(json.dumps(document).encode(), status, content_type="application/json")
