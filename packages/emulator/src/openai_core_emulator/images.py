"""Images: https://platform.openai.com/docs/api-reference/images."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import sse, text
from .call import Answer, Call, Content, Events, Operation
from .errors import bad, missing, not_found, unknown_parameter
from .fields import BOOLEAN, FILE, STRING, Field, one_of
from .forms import Upload
from .models import require
from .pictures import draw, format_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .state import State

_SIZES: Final[Mapping[str, tuple[str, ...]]] = {
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
}
_USUAL_SIZES: Final = ("1024x1024", "1536x1024", "1024x1536")
_LONGEST_PROMPTS: Final[Mapping[str, int]] = {"dall-e-2": 1000, "dall-e-3": 4000}
_LONGEST_PROMPT: Final = 32_000
_OUTPUT_TOKENS: Final[Mapping[str, int]] = {"low": 272, "medium": 1056, "high": 4160}
_INPUT_TOKENS: Final = 323
"""For each picture that is read."""

_OF_ALL: Final = {
    "background": one_of("transparent", "opaque", "auto"),
    "model": STRING,
    "moderation": one_of("low", "auto"),
    "n": Field(("integer",), minimum=1, maximum=10),
    "output_compression": Field(("integer",), minimum=0, maximum=100),
    "output_format": one_of("png", "jpeg", "webp"),
    "partial_images": Field(("integer",), minimum=0, maximum=3),
    "prompt": Field(("string",), required=True),
    "quality": one_of("standard", "hd", "low", "medium", "high", "auto"),
    "size": STRING,
    "stream": BOOLEAN,
    "user": STRING,
}
_GENERATE: Final = {**_OF_ALL, "response_format": one_of("url", "b64_json"), "style": one_of("vivid", "natural")}
_REFERENCE: Final = Field(("object",), properties={"file_id": STRING, "image_url": STRING})
_EDIT: Final = {
    **_OF_ALL,
    "images": Field(("array",), required=True, fewest=1, most=16, items=_REFERENCE),
    "input_fidelity": one_of("high", "low"),
    "mask": _REFERENCE,
}
_EDIT_FORM: Final = {
    **_OF_ALL,
    "image": Field(("file", "array"), required=True, fewest=1, most=16, items=Field(("file",))),
    "input_fidelity": one_of("high", "low"),
    "mask": Field(("file",)),
    "response_format": one_of("url", "b64_json"),
}
_VARY: Final = {
    "image": FILE,
    "model": STRING,
    "n": Field(("integer",), minimum=1, maximum=10),
    "response_format": one_of("url", "b64_json"),
    "size": one_of(*_SIZES["dall-e-2"]),
    "user": STRING,
}


@dataclass(frozen=True, slots=True)
class _Order:
    """Pictures that are wanted, with every default filled in."""

    kind: str
    model: str
    prompt: str
    number: int
    size: str
    quality: str
    file_format: str
    transparent: bool
    as_url: bool
    pictures_read: int

    @property
    def told_in_full(self) -> bool:
        """Whether the model tells size, quality and cost, as those after DALL·E do."""
        return not self.model.startswith("dall-e")

    def picture(self, state: State, index: int, done: float = 1.0) -> bytes:
        width, _, height = self.size.partition("x")
        digest = state.digest("picture", self.kind, self.prompt, self.size, str(index))
        return draw(digest, (int(width), int(height)), self.file_format, transparent=self.transparent, done=done)

    def description(self) -> dict[str, Any]:
        return {
            "background": "transparent" if self.transparent else "opaque",
            "output_format": self.file_format,
            "quality": self.quality,
            "size": self.size,
        }

    def usage(self, pictures: int) -> dict[str, Any]:
        text_tokens, image_tokens = text.count(self.prompt), self.pictures_read * _INPUT_TOKENS
        written = _OUTPUT_TOKENS[self.quality] * pictures
        return {
            "input_tokens": text_tokens + image_tokens,
            "input_tokens_details": {"image_tokens": image_tokens, "text_tokens": text_tokens},
            "output_tokens": written,
            "total_tokens": text_tokens + image_tokens + written,
        }


def _order(body: Mapping[str, Any], kind: str, model: str, pictures_read: int) -> _Order:
    prompt = body.get("prompt", "")
    longest = _LONGEST_PROMPTS.get(model, _LONGEST_PROMPT)
    if len(prompt) > longest:
        message = f"Invalid 'prompt': string too long. Expected at most {longest} characters, got {len(prompt)}."
        raise bad(message, param="prompt", code="string_above_max_length")
    file_format = body.get("output_format") or "png"
    transparent = body.get("background") == "transparent"
    if transparent and file_format == "jpeg":
        message = "Transparent background is not supported for 'output_format' 'jpeg'."
        raise bad(message, param="background", code="invalid_value")
    quality = str(body.get("quality"))
    order = _Order(
        kind=kind,
        model=model,
        prompt=prompt,
        number=body.get("n") or 1,
        size=_size(model, body.get("size")),
        quality=quality if quality in _OUTPUT_TOKENS else "medium",
        file_format=file_format,
        transparent=transparent,
        as_url=model.startswith("dall-e") and body.get("response_format") != "b64_json",
        pictures_read=pictures_read,
    )
    _check_model(order, body)
    return order


def _check_model(order: _Order, body: Mapping[str, Any]) -> None:
    if order.told_in_full:
        if body.get("response_format"):
            raise unknown_parameter("response_format")
        if body.get("partial_images") is not None and not body.get("stream"):
            message = "The 'partial_images' parameter is only allowed when 'stream' is enabled."
            raise bad(message, param="partial_images")
        return
    if body.get("stream"):
        raise bad(f"Streaming is not supported by the model '{order.model}'.", param="stream", code="unsupported_value")
    if order.model == "dall-e-3" and order.number > 1:
        raise bad("You must provide n=1 for this model.", param="n", code="invalid_n")


def _size(model: str, wanted: str | None) -> str:
    sizes = _SIZES.get(model, _USUAL_SIZES)
    if wanted in {None, "auto"}:
        return "1024x1024"
    if wanted not in sizes:
        known = " and ".join(f"'{size}'" for size in sizes)
        raise bad(f"Invalid value: '{wanted}'. Supported values are: {known}.", param="size", code="invalid_value")
    return str(wanted)


def _generate(call: Call) -> Answer:
    modern = {"background", "moderation", "output_compression", "output_format", "partial_images", "stream"}
    model = call.body.get("model") or ("gpt-image-1.5" if modern & call.body.keys() else "dall-e-2")
    require(call.state, model)
    return _deliver(call, _order(call.body, "image_generation", model, 0))


def _edit(call: Call) -> Answer:
    body = call.body
    model = body.get("model") or "gpt-image-1.5"
    require(call.state, model)
    if model == "dall-e-3":
        raise bad("The model 'dall-e-3' can't edit images.", param="model", code="invalid_value")
    given = body["images"] if "images" in body else body["image"]
    pictures = given if isinstance(given, list) else [given]
    for picture in pictures:
        _check_picture(call.state, picture, "images" if "images" in body else "image")
    if body.get("mask"):
        _check_picture(call.state, body["mask"], "mask")
    return _deliver(call, _order(body, "image_edit", model, len(pictures)))


def _vary(call: Call) -> Answer:
    model = call.body.get("model") or "dall-e-2"
    require(call.state, model)
    if model != "dall-e-2":
        raise bad("Invalid value: the only model for variations is 'dall-e-2'.", param="model", code="invalid_value")
    _check_picture(call.state, call.body["image"], "image")
    return _deliver(call, _order(call.body, "image_variation", model, 1))


def _check_picture(state: State, given: Upload | Mapping[str, Any], param: str) -> None:
    if isinstance(given, Upload):
        content = given.content
    elif given.get("file_id"):
        content = state.file(given["file_id"]).content
    elif (given.get("image_url") or "").startswith("data:"):
        try:
            content = base64.b64decode(given["image_url"].partition(",")[2], validate=True)
        except binascii.Error:
            content = b""
    elif given.get("image_url"):
        # Nothing is fetched: the emulator stays on this machine.
        return
    else:
        raise missing(f"{param}.image_url")
    if format_of(content) is None:
        raise bad("Invalid image file: expected PNG, JPEG or WebP.", param=param, code="invalid_image_file")


def _deliver(call: Call, order: _Order) -> Answer:
    state = call.state
    if call.body.get("stream"):
        return Events(_events(state, order, call.body.get("partial_images") or 0))
    created = state.now()
    data: list[dict[str, Any]] = []
    for index in range(order.number):
        content = order.picture(state, index)
        if order.as_url:
            name = f"{state.new_id('img-', 24)}.{order.file_format}"
            state.pictures[name] = (content, order.file_format)
            data.append({"url": f"{call.origin}/v1/images/pictures/{name}"})
        else:
            data.append({"b64_json": base64.b64encode(content).decode()})
        if order.model == "dall-e-3":
            data[-1]["revised_prompt"] = f"{order.prompt}, in plain blocks of colour"
    answer: dict[str, Any] = {"created": created, "data": data}
    if order.told_in_full:
        answer |= {**order.description(), "usage": order.usage(order.number)}
    return answer


def _events(state: State, order: _Order, partial: int) -> Iterator[bytes]:
    told = {"created_at": state.now(), **order.description()}
    for index in range(order.number):
        for step in range(partial):
            picture = order.picture(state, index, (step + 1) / (partial + 1))
            yield _event(f"{order.kind}.partial_image", picture, {**told, "partial_image_index": step})
        yield _event(f"{order.kind}.completed", order.picture(state, index), {**told, "usage": order.usage(1)})


def _event(name: str, picture: bytes, told: Mapping[str, Any]) -> bytes:
    return sse.event({"type": name, "b64_json": base64.b64encode(picture).decode(), **told})


def _picture(call: Call) -> Answer:
    name = call.path["name"]
    if name not in call.state.pictures:
        raise not_found(f"No such picture: {name}")
    content, file_format = call.state.pictures[name]
    return Content(content, f"image/{file_format}")


OPERATIONS: Final = (
    Operation("POST", "/images/generations", _generate, body=_GENERATE, model=True),
    Operation("POST", "/images/edits", _edit, body=_EDIT, form=_EDIT_FORM, model=True),
    Operation("POST", "/images/variations", _vary, form=_VARY, model=True),
    Operation("GET", "/images/pictures/{name}", _picture, keyless=True),
)
"""The last one isn't the API's: it serves the pictures whose URLs were given out."""
