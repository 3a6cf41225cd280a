from __future__ import annotations

import pytest

from openai_core import BadRequestError
from openai_core_moderations.types import Categories, Moderation, ModerationCreateResponse

HARMLESS = "A recipe for soup"
VIOLENT = "I will kill you"


async def test_a_text_is_judged(client, settled, openai_emulator):
    judged = await settled(client.moderations.create(input=VIOLENT))
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.json()) == ("POST", "/v1/moderations", {"input": VIOLENT})
    assert isinstance(judged, ModerationCreateResponse)
    assert judged.model == "omni-moderation-latest"
    (result,) = judged.results
    assert isinstance(result, Moderation)
    assert result.flagged
    assert result.categories.violence
    assert not result.categories.self_harm_intent
    assert result.category_scores.violence > 0.5 > result.category_scores.self_harm_intent
    assert result.category_applied_input_types.violence == ["text"]


async def test_each_text_of_a_list_is_judged_by_itself(client, settled):
    judged = await settled(client.moderations.create(input=[HARMLESS, VIOLENT], model="text-moderation-latest"))
    assert judged.model == "text-moderation-latest"
    assert [result.flagged for result in judged.results] == [False, True]


async def test_the_categories_are_named_as_the_api_spells_them(client, settled):
    judged = await settled(client.moderations.create(input=[HARMLESS, "to stab and mutilate"]))
    assert [result.flagged_categories for result in judged.results] == [[], ["violence", "violence/graphic"]]


async def test_parts_are_judged_together(client, settled, openai_emulator):
    parts = [
        {"type": "text", "text": HARMLESS},
        {"type": "image_url", "image_url": {"url": "https://example.com/gore.png"}},
    ]
    judged = await settled(client.moderations.create(input=parts, model="omni-moderation-latest"))
    assert openai_emulator.requests[-1].json() == {"input": parts, "model": "omni-moderation-latest"}
    (result,) = judged.results
    assert result.flagged_categories == ["violence/graphic"]
    assert result.category_applied_input_types.violence_graphic == ["text", "image"]
    assert result.category_applied_input_types.hate == ["text"]


def test_a_category_that_is_newer_than_the_library_counts_too():
    categories = Categories.model_construct(violence=False, spying=True)
    assert Moderation.model_construct(categories=categories).flagged_categories == ["spying"]
    assert Moderation.model_construct().flagged_categories == []


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [{"type": "text"}]}, "input[0].text"),
        ({"input": [{"type": "sound"}]}, "input[0].type"),
        ({"input": [HARMLESS, {"type": "text", "text": HARMLESS}]}, "input"),
        (
            {
                "input": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
                "model": "text-moderation-latest",
            },
            "input",
        ),
    ],
)
async def test_what_can_t_be_judged_is_refused(client, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.moderations.create(**wrong))
    assert caught.value.param == param


async def test_something_has_to_be_judged(client):
    with pytest.raises(TypeError, match="input"):
        client.moderations.create()
