from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_completions.types import Completion

MODEL = "gpt-3.5-turbo-instruct"
PROMPT = "Once upon a time"


async def test_a_prompt_is_continued(client, settled, openai_emulator):
    completion = await settled(client.completions.create(model=MODEL, prompt=PROMPT, max_tokens=100))
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/completions")
    assert request.json() == {"model": MODEL, "prompt": PROMPT, "max_tokens": 100}
    assert isinstance(completion, Completion)
    assert completion.object == "text_completion"
    (choice,) = completion.choices
    assert PROMPT in choice.text
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "stop", None)
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


async def test_all_that_can_be_asked_for_arrives(client, settled, openai_emulator):
    asked = {
        "model": MODEL,
        "prompt": PROMPT,
        "best_of": 2,
        "echo": False,
        "frequency_penalty": 0.5,
        "logit_bias": {"50256": -100},
        "logprobs": 1,
        "max_tokens": 5,
        "n": 1,
        "presence_penalty": -0.5,
        "seed": 7,
        "stop": ["\n", "."],
        "suffix": " The end.",
        "temperature": 0,
        "top_p": 0.5,
        "user": "user-1",
    }
    await settled(client.completions.create(**asked))
    assert openai_emulator.requests[-1].json() == asked


async def test_several_prompts_have_several_texts_each_in_order(client, settled):
    completion = await settled(
        client.completions.create(model=MODEL, prompt=["A cat", "A dog"], n=2, max_tokens=100, echo=True)
    )
    assert [choice.index for choice in completion.choices] == [0, 1, 2, 3]
    beginnings = [choice.text[:5] for choice in completion.choices]
    assert beginnings == ["A cat", "A cat", "A dog", "A dog"]
    assert len({choice.text for choice in completion.choices}) == 4


@pytest.mark.parametrize(("prompt", "texts"), [([1, 2, 3], 1), ([[1, 2], [3]], 2), (None, 1)])
async def test_prompts_can_be_token_ids_or_missing(client, settled, openai_emulator, prompt, texts):
    completion = await settled(client.completions.create(model=MODEL, prompt=prompt))
    assert openai_emulator.requests[-1].json()["prompt"] == prompt
    assert len(completion.choices) == texts


async def test_a_text_ends_at_the_limit_or_at_a_stop(client, settled):
    short = await settled(client.completions.create(model=MODEL, prompt=PROMPT))
    assert short.choices[0].finish_reason == "length"
    assert short.usage.completion_tokens == 16
    whole = (await settled(client.completions.create(model=MODEL, prompt=PROMPT, max_tokens=100))).choices[0].text
    stopped = await settled(client.completions.create(model=MODEL, prompt=PROMPT, max_tokens=100, stop="upon"))
    assert stopped.choices[0].text == whole[: whole.index(" upon") + 1]
    assert stopped.choices[0].finish_reason == "stop"


async def test_the_probability_of_an_echoed_prompt_is_told_but_for_its_first_token(client, settled):
    completion = await settled(
        client.completions.create(model=MODEL, prompt=PROMPT, echo=True, logprobs=2, max_tokens=0)
    )
    (choice,) = completion.choices
    assert choice.text == PROMPT
    told = choice.logprobs
    assert "".join(told.tokens) == PROMPT
    assert told.text_offset == [0, 4, 9, 11]
    assert told.token_logprobs[0] is None
    assert told.top_logprobs[0] is None
    assert all(logprob <= 0 for logprob in told.token_logprobs[1:])
    assert [len(top) for top in told.top_logprobs[1:]] == [2, 2, 2]


async def test_a_stream_gives_the_text_piece_by_piece(client, settled, each, openai_emulator):
    whole = await settled(client.completions.create(model=MODEL, prompt=PROMPT, max_tokens=100))
    stream = client.completions.create_stream(
        model=MODEL, prompt=PROMPT, max_tokens=100, stream_options={"include_usage": True}
    )
    *pieces, last = await each(stream)
    assert openai_emulator.requests[-1].json() == {
        "model": MODEL,
        "prompt": PROMPT,
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert all(isinstance(piece, Completion) for piece in pieces)
    assert "".join(piece.choices[0].text for piece in pieces) == whole.choices[0].text
    assert len(pieces) > 3
    assert [piece.choices[0].finish_reason for piece in pieces] == [None] * (len(pieces) - 1) + ["stop"]
    assert last.choices == []
    assert last.usage == whole.usage
    assert stream.outcome == "complete"


async def test_the_texts_of_a_stream_come_mixed(client, settled, each):
    asked = {"model": MODEL, "prompt": ["A cat", "A dog"], "echo": True, "logprobs": 1, "max_tokens": 100}
    whole = await settled(client.completions.create(**asked))
    texts, tokens = ["", ""], [[], []]
    order = []
    for piece in await each(client.completions.create_stream(**asked)):
        for choice in piece.choices:
            order.append(choice.index)
            texts[choice.index] += choice.text
            tokens[choice.index] += choice.logprobs.tokens if choice.logprobs else []
    assert texts == [choice.text for choice in whole.choices]
    assert tokens == [choice.logprobs.tokens for choice in whole.choices]
    assert order[:4] == [0, 1, 0, 1]


async def test_streaming_has_a_method_of_its_own(client):
    with pytest.raises(TypeError, match=r"create\(\) doesn't stream; call create_stream\(\) instead"):
        client.completions.create(model=MODEL, prompt=PROMPT, stream=True)


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"n": 3, "best_of": 2}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"prompt": ["a", 1]}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"temperature": 2.5}, "temperature"),
    ],
)
async def test_what_can_t_be_is_refused(client, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.completions.create(**{"model": MODEL, "prompt": PROMPT, **wrong}))
    assert caught.value.param == param


async def test_the_best_of_several_can_t_be_streamed(client, each):
    with pytest.raises(BadRequestError, match="best_of"):
        await each(client.completions.create_stream(model=MODEL, prompt=PROMPT, best_of=2))


async def test_an_unknown_model_is_not_found(client, settled):
    with pytest.raises(NotFoundError) as caught:
        await settled(client.completions.create(model="does-not-exist", prompt=PROMPT))
    assert caught.value.code == "model_not_found"
