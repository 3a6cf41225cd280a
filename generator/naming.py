"""Names of Python things from names of the API description."""

from __future__ import annotations

import keyword
import re

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|\d+")
_RESERVED = {
    "schema",
    "json",
    "copy",
    "dict",
    "validate",
    "construct",
    "fields",
    "model_config",
    "model_fields",
    "self",
}


def words(name: str) -> list[str]:
    """The words of a name in any style."""
    return _WORD.findall(name)


def pascal(name: str) -> str:
    """`image_url`, `image-url` and `imageUrl` as `ImageUrl`."""
    return "".join(word[0].upper() + word[1:] for word in words(name))


def singular(name: str) -> str:
    """What one of several is called: `choices` gives `choice`."""
    for ending, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if name.endswith(ending):
            return name[: -len(ending)] + one
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def identifier(name: str) -> str:
    """A name for a parameter: `include[]` gives `include`, `effective_at[gt]` gives `effective_at_gt`."""
    plain = re.sub(r"\W+", "_", name.removesuffix("[]")).strip("_")
    if plain[:1].isdigit():
        plain = f"n{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def attribute(name: str) -> str:
    """A name for a field of a model, out of the way of what pydantic's models have."""
    plain = identifier(name)
    return f"{plain}_" if plain in _RESERVED else plain
