from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from openai_core import BadRequestError
from openai_core_admin.types import (
    CostsResult,
    UsageAudioSpeechesResult,
    UsageAudioTranscriptionsResult,
    UsageCodeInterpreterSessionsResult,
    UsageCompletionsResult,
    UsageEmbeddingsResult,
    UsageFileSearchCallsResult,
    UsageImagesResult,
    UsageModerationsResult,
    UsageResponse,
    UsageTimeBucket,
    UsageVectorStoresResult,
    UsageWebSearchCallsResult,
)

START = 1_767_225_600
DAY = 86_400
WHO = {"project_ids": ["p"], "user_ids": ["u"], "api_key_ids": ["k"]}
USAGES = {
    "audio_speeches": (UsageAudioSpeechesResult, "characters", {**WHO, "models": ["m"]}),
    "audio_transcriptions": (UsageAudioTranscriptionsResult, "seconds", {**WHO, "models": ["m"]}),
    "code_interpreter_sessions": (UsageCodeInterpreterSessionsResult, "num_sessions", {"project_ids": ["p"]}),
    "completions": (UsageCompletionsResult, "input_tokens", {**WHO, "models": ["m"], "batch": True}),
    "embeddings": (UsageEmbeddingsResult, "input_tokens", {**WHO, "models": ["m"]}),
    "file_search_calls": (UsageFileSearchCallsResult, "num_requests", {**WHO, "vector_store_ids": ["v"]}),
    "images": (
        UsageImagesResult,
        "images",
        {**WHO, "models": ["m"], "sizes": ["256x256"], "sources": ["image.edit"]},
    ),
    "moderations": (UsageModerationsResult, "input_tokens", {**WHO, "models": ["m"]}),
    "vector_stores": (UsageVectorStoresResult, "usage_bytes", {"project_ids": ["p"]}),
    "web_search_calls": (
        UsageWebSearchCallsResult,
        "num_requests",
        {**WHO, "models": ["m"], "context_levels": ["low"]},
    ),
}


@pytest.mark.parametrize("name", USAGES)
async def test_usage_comes_in_buckets_of_results_of_its_own_kind(organization, settled, sent, name):
    kind, counted, _ = USAGES[name]
    pages = await settled(getattr(organization.usage, name)(start_time=START, end_time=START + 2 * DAY))
    assert sent() == (
        "GET",
        f"/organization/usage/{name}",
        [("end_time", str(START + 2 * DAY)), ("start_time", str(START))],
    )
    assert isinstance(pages.page, UsageResponse)
    assert [(bucket.start_time, bucket.end_time) for bucket in pages.data] == [
        (START, START + DAY),
        (START + DAY, START + 2 * DAY),
    ]
    for bucket in pages.data:
        assert isinstance(bucket, UsageTimeBucket)
        (result,) = bucket.results
        assert isinstance(result, kind)
        assert getattr(result, counted) > 0
        assert result.project_id is None


@pytest.mark.parametrize("name", USAGES)
async def test_lists_in_the_query_arrive_as_lists(organization, settled, openai_emulator, name):
    _, _, filters = USAGES[name]
    pages = await settled(getattr(organization.usage, name)(start_time=START, group_by=["project_id"], **filters))
    assert all(bucket.results == [] for bucket in pages.data), "nothing of these ids was ever used"
    query = dict(parse_qsl(openai_emulator.requests[-1].query))
    for parameter, value in filters.items():
        assert query[f"{parameter}[]" if isinstance(value, list) else parameter] == (
            value[0] if isinstance(value, list) else "true"
        )
    assert query["group_by[]"] == "project_id"


@pytest.mark.parametrize("name", [*USAGES, "costs"])
async def test_all_pages_are_walked_whatever_the_cursor_is_called(organization, each, openai_emulator, name):
    call = getattr(organization.usage, name)
    whole = await each(call(start_time=START, end_time=START + 5 * DAY, limit=5, group_by=["project_id"]))
    openai_emulator.requests.clear()
    buckets = await each(call(start_time=START, end_time=START + 5 * DAY, limit=2, group_by=["project_id"]))
    assert buckets == whole
    assert len(buckets) == 5
    queries = [dict(parse_qsl(request.query)) for request in openai_emulator.requests]
    assert ["page" in query for query in queries] == [False, True, True]
    assert all(query["group_by[]"] == "project_id" for query in queries), "the filter goes with every page"


async def test_a_walk_can_begin_at_a_cursor(organization, settled, each):
    call, span = organization.usage.completions, {"start_time": START, "end_time": START + 3 * DAY, "limit": 1}
    first = await settled(call(**span))
    rest = await each(call(**span, page=first.page.next_page))
    assert [bucket.start_time for bucket in rest] == [START + DAY, START + 2 * DAY]


async def test_groups_add_up_to_the_whole(organization, settled, each):
    call, span = organization.usage.completions, {"start_time": START, "end_time": START + DAY}
    ((whole,),) = [bucket.results for bucket in await each(call(**span))]
    ((*parts,),) = [bucket.results for bucket in await each(call(**span, group_by=["model", "batch"]))]
    assert len(parts) > 1
    assert sum(part.input_tokens for part in parts) == whole.input_tokens
    assert len({(part.model, part.batch) for part in parts}) == len(parts)
    (mini,) = [bucket.results for bucket in await each(call(**span, models=["gpt-5-mini"]))]
    assert sum(part.input_tokens for part in parts if part.model == "gpt-5-mini") == sum(
        one.input_tokens for one in mini
    )


async def test_costs_are_told_by_line_item(organization, settled, each, sent):
    call, span = organization.usage.costs, {"start_time": START, "end_time": START + DAY}
    ((whole,),) = [bucket.results for bucket in await each(call(**span, bucket_width="1d"))]
    assert isinstance(whole, CostsResult)
    assert whole.amount.currency == "usd"
    assert whole.quantity is None
    project = (await settled(organization.projects.list())).data[0]
    ((*parts,),) = [
        bucket.results
        for bucket in await each(call(**span, group_by=["line_item", "project_id"], project_ids=[project.id]))
    ]
    assert sent() == (
        "GET",
        "/organization/costs",
        [
            ("end_time", str(START + DAY)),
            ("group_by[]", "line_item"),
            ("group_by[]", "project_id"),
            ("project_ids[]", project.id),
            ("start_time", str(START)),
        ],
    )
    assert sum(part.amount.value for part in parts) == pytest.approx(whole.amount.value)
    assert all((part.quantity_unit, part.project_id) == ("tokens", project.id) for part in parts)
    assert [bucket.results for bucket in await each(call(**span, api_key_ids=["key_none"]))] == [[]]


@pytest.mark.parametrize(
    ("width", "seconds", "usual"), [("1m", 60, 60), ("1h", 3600, 24), ("1d", DAY, 7)], ids=["minutes", "hours", "days"]
)
async def test_buckets_are_as_wide_as_asked(organization, settled, width, seconds, usual):
    pages = await settled(organization.usage.images(start_time=START, bucket_width=width))
    assert len(pages.data) == usual
    assert {bucket.end_time - bucket.start_time for bucket in pages.data} == {seconds}


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"limit": 32}, "limit"),
        ({"bucket_width": "1y"}, "bucket_width"),
        ({"group_by": ["colour"]}, "group_by[0]"),
        ({"page": "nowhere"}, "page"),
    ],
)
async def test_what_can_t_be_is_refused(organization, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(organization.usage.completions(start_time=START, **wrong))
    assert caught.value.param == param


async def test_usage_needs_a_beginning(organization):
    with pytest.raises(TypeError, match="start_time"):
        organization.usage.completions()
