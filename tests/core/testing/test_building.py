from __future__ import annotations

from importlib import import_module

import pytest
from pydantic import BaseModel, ValidationError

from openai_core.testing import build
from openai_core_chat.types import ChatCompletion
from openai_core_responses.types import Response, ResponseStreamEvent
from tests.test_every_operation import OPERATIONS


def models() -> list[type[BaseModel]]:
    """All that operations answer with; of unions, a member is built."""
    places = {method._endpoint.returns for method in OPERATIONS.values()}
    found = [getattr(import_module(p.partition(":")[0]), p.partition(":")[2]) for p in places if isinstance(p, str)]
    kinds = [kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return sorted(kinds, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_answer_can_be_built_of_nothing(model):
    built = build(model)
    # It is what the API could have sent.
    assert model.model_validate_json(built.model_dump_json(by_alias=True, exclude_unset=True)) == built


def test_what_is_given_is_kept_and_filled_up():
    completion = build(ChatCompletion, model="m", choices=[{"message": {"content": "Hi"}}, {"finish_reason": "length"}])
    assert completion.model == "m"
    assert completion.object == "chat.completion"
    assert [choice.message.content for choice in completion.choices] == ["Hi", None]
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[1].finish_reason == "length"


def test_members_of_unions_are_told_by_their_tags():
    response = build(
        Response,
        output=[
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]},
        ],
    )
    assert [item.type for item in response.output] == ["function_call", "message"]
    assert response.output_text == "Hi"


def test_models_go_into_models():
    message = build(ChatCompletion, choices=[{"message": {"content": "Hi"}}]).choices[0].message
    assert build(ChatCompletion, choices=[{"message": message}]).choices[0].message == message


def test_what_isn_t_as_described_is_refused():
    with pytest.raises(ValidationError):
        build(ChatCompletion, created="yesterday")


@pytest.mark.parametrize(
    ("model", "fields", "error", "message"),
    [
        (
            ChatCompletion,
            {"choices": [{"mesage": {}}]},
            TypeError,
            "ChatCompletion: choices[0].mesage is no field of Choice; did you mean 'message'?",
        ),
        (
            ChatCompletion,
            {"modle": "m"},
            TypeError,
            "ChatCompletion: modle is no field of ChatCompletion; did you mean",
        ),
        (ChatCompletion, {"x": 1}, TypeError, "pass extra=True if a provider sends it"),
        (
            ChatCompletion,
            {"choices": [{"finish_reason": "stopp"}]},
            ValueError,
            "'stop', 'length', 'tool_calls', 'content_filter', 'function_call'; did you mean 'stop'?",
        ),
        (
            Response,
            {"output": [{"type": "mesage"}]},
            ValueError,
            "Response: output[0].type is 'mesage', and not one of",
        ),
        (
            Response,
            {"output": [{"type": "message", "content": [{"type": "output_text", "txet": "Hi"}]}]},
            TypeError,
            "Response: output[0].content[0].txet is no field of ResponseOutputText; did you mean 'text'?",
        ),
        (Response, {"usage": {"input_token": 1}}, TypeError, "Response: usage.input_token is no field of"),
        (ChatCompletion, {"object": "chat"}, ValueError, "not one of 'chat.completion'"),
    ],
    ids=str,
)
def test_what_the_api_doesn_t_have_is_refused(model, fields, error, message):
    with pytest.raises(error) as found:
        build(model, **fields)
    assert message in str(found.value)


def test_what_other_providers_send_is_taken_on_request():
    completion = build(
        ChatCompletion, extra=True, x_took=5, choices=[{"finish_reason": "eos", "message": {"thought": 1}}]
    )
    assert completion.x_took == 5
    assert completion.choices[0].finish_reason == "eos"
    assert completion.choices[0].message.thought == 1
    assert completion.choices[0].message.role == "assistant"


def test_data_of_any_kind_is_taken_as_it_is():
    assert build(Response, metadata={"mesage": "x"}).metadata == {"mesage": "x"}
    assert build(Response, model="of-my-own", tools=[]).model == "of-my-own"


@pytest.mark.parametrize(
    ("model", "fields", "said"),
    [
        (5, {}, "takes the type of an answer, such as ChatCompletion, not 5"),
        (dict, {}, "plain data can be answered as it is"),
        ("ChatCompletion", {}, "not 'ChatCompletion'"),
        (ResponseStreamEvent, {}, "not a union; name one of its members: ResponseAudioDeltaEvent, "),
        (build(ChatCompletion), {}, "not an object; what is a ChatCompletion already can be answered as it is"),
        (ChatCompletion, {"choices": "x"}, r"choices is a list: \[\.\.\.\], not 'x'"),
        (ChatCompletion, {"choices": {"message": {}}}, "choices is a list"),
        (ChatCompletion, {"choices": None}, "choices is a list"),
        (
            ChatCompletion,
            {"choices": [{"message": "Hi"}]},
            r"choices\[0\]\.message is an object: a mapping .*, not 'Hi'",
        ),
        (Response, {"output": ["Hi"]}, r"output\[0\] is an object: a mapping with its fields, or a model, not 'Hi'"),
    ],
    ids=str,
)
def test_what_can_not_be_built_is_told(model, fields, said):
    with pytest.raises(TypeError, match=said):
        build(model, **fields)
    if fields:
        with pytest.raises(TypeError, match=said):
            build(model, extra=True, **fields)
