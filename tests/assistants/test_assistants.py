from __future__ import annotations

import warnings

import pytest

from openai_core import BadRequestError, NotFoundError, operation
from openai_core_assistants.types import Assistant, AssistantDeleted, AssistantList

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

FUNCTION = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}


async def test_an_assistant_is_made_fetched_changed_and_deleted(client, settled, openai_emulator, asked):
    wanted = {
        "model": "gpt-4.1",
        "name": "Librarian",
        "description": "Finds books.",
        "instructions": "Name three books at most.",
        "tools": [
            {"type": "code_interpreter"},
            {"type": "file_search", "file_search": {"max_num_results": 3}},
            FUNCTION,
        ],
        "tool_resources": {"code_interpreter": {"file_ids": []}, "file_search": {"vector_store_ids": ["vs_1"]}},
        "metadata": {"shelf": "12"},
        "temperature": 0.5,
        "top_p": 0.9,
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
    }
    made = await settled(client.assistants.create(**wanted))
    assert isinstance(made, Assistant)
    assert (made.name, made.model, made.metadata, made.temperature) == ("Librarian", "gpt-4.1", {"shelf": "12"}, 0.5)
    assert [tool.type for tool in made.tools] == ["code_interpreter", "file_search", "function"]
    assert made.tools[2].function.name == "add"
    assert made.tool_resources.file_search.vector_store_ids == ["vs_1"]
    assert made.response_format.type == "json_object"

    assert await settled(client.assistants.retrieve(made.id)) == made
    changed = await settled(client.assistants.update(made.id, name="Bookseller", tools=[], metadata={"shelf": "13"}))
    assert (changed.id, changed.name, changed.tools, changed.metadata) == (made.id, "Bookseller", [], {"shelf": "13"})
    assert changed.instructions == "Name three books at most."

    deleted = await settled(client.assistants.delete(made.id))
    assert isinstance(deleted, AssistantDeleted)
    assert (deleted.id, deleted.deleted) == (made.id, True)
    with pytest.raises(NotFoundError, match=made.id):
        await settled(client.assistants.retrieve(made.id))
    path = f"/assistants/{made.id}"
    assert asked(openai_emulator) == [
        ("POST", "/assistants", wanted),
        ("GET", path),
        ("POST", path, {"name": "Bookseller", "tools": [], "metadata": {"shelf": "13"}}),
        ("DELETE", path),
        ("GET", path),
    ]


async def test_what_is_not_given_is_usual(client, settled):
    made = await settled(client.assistants.create(model="gpt-4.1", name=None))
    assert (made.name, made.description, made.instructions, made.tools) == (None, None, None, [])
    assert made.response_format == "auto"


async def test_assistants_are_listed_page_by_page(client, settled, each, openai_emulator, asked):
    made = [(await settled(client.assistants.create(model="gpt-4.1"))).id for _ in range(3)]
    openai_emulator.requests.clear()
    first = await settled(client.assistants.list(limit=2, order="asc", before="asst_none"))
    assert isinstance(first.page, AssistantList)
    assert [one.id for one in first.data] == made[:2]
    assert openai_emulator.requests[0].query == "before=asst_none&limit=2&order=asc"
    assert [one.id for one in await each(client.assistants.list(limit=2))] == made[::-1]
    assert [(method, path) for method, path in asked(openai_emulator)] == [("GET", "/assistants")] * 3
    assert openai_emulator.requests[2].query == f"limit=2&after={made[1]}"


async def test_a_beta_header_of_ones_own_wins(client, settled, openai_emulator):
    options = {"headers": {"OpenAI-Beta": "assistants=v3"}}
    await settled(client.assistants.list(options=options))
    await settled(client.assistants.with_options(headers={"OpenAI-Beta": "assistants=v4"}).list())
    assert [request.headers["openai-beta"] for request in openai_emulator.requests] == [
        "assistants=v3",
        "assistants=v4",
    ]


async def test_what_the_server_refuses_names_the_parameter(client, settled):
    with pytest.raises(NotFoundError, match="does-not-exist-9") as refused:
        await settled(client.assistants.create(model="does-not-exist-9"))
    assert refused.value.code == "model_not_found"
    with pytest.raises(BadRequestError) as refused:
        await settled(client.assistants.create(model="gpt-4.1", name="x" * 257))
    assert refused.value.param == "name"
    with pytest.raises(BadRequestError) as refused:
        await settled(client.assistants.create(model="gpt-4.1", tools=[{"type": "web_search"}]))
    assert refused.value.param == "tools[0].type"


async def test_a_misspelt_argument_is_told_before_anything_is_sent(client, settled, openai_emulator):
    with pytest.raises(TypeError, match="instruction"):
        await settled(client.assistants.create(model="gpt-4.1", instruction="Be brief."))
    assert openai_emulator.requests == []


async def test_each_operation_warns_once_that_its_time_is_over(client, settled, monkeypatch):
    monkeypatch.setattr(operation, "_warned", set())
    with pytest.warns(DeprecationWarning, match=r"POST /assistants is deprecated: .*client\.responses") as told:
        made = await settled(client.assistants.create(model="gpt-4.1"))
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await settled(client.assistants.create(model="gpt-4.1"))
    with pytest.warns(DeprecationWarning, match="GET /assistants/{assistant_id} is deprecated"):
        await settled(client.assistants.retrieve(made.id))
