"""Texts with `{{namespace.variable}}` in them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_STEP: Final = re.compile(r"\.?([^.\[\]\s]+)|\[(\d+)\]")


class UnknownVariable(LookupError):  # noqa: N818 - what it is
    """A variable that isn't there."""


def filled(template: str, names: Mapping[str, Any]) -> str:
    """A text with values in place of its variables; what isn't text is written as JSON.

    Args:
        template: such as `Is {{sample.output_text}} right?`.
        names: the namespaces.

    Raises:
        UnknownVariable: for a variable that isn't there.
    """
    return _PLACE.sub(lambda place: _written(_found(place[1], names)), template)


def _found(path: str, names: Mapping[str, Any]) -> Any:
    value: Any = names
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise UnknownVariable(path)
        position = step.end()
        # A text has letters with numbers, too, but no parts that could be meant.
        parts: Any = value if isinstance(value, dict if step[1] else list) else {}
        try:
            value = parts[step[1] or int(step[2])]
        except LookupError:
            raise UnknownVariable(path) from None
    return value


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
