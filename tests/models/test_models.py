from __future__ import annotations

import pytest

from openai_core import NotFoundError, PermissionDeniedError
from openai_core_models.types import Model


async def test_all_models_are_on_one_page(client, each):
    models = await each(client.models.list())
    assert all(isinstance(model, Model) for model in models)
    assert "gpt-5-mini" in {model.id for model in models}


async def test_a_model_is_fetched_by_its_name(client, settled):
    assert (await settled(client.models.retrieve("gpt-5-mini"))).id == "gpt-5-mini"


async def test_what_isn_t_there_or_isn_t_one_s_own_is_refused(client, settled):
    with pytest.raises(NotFoundError):
        await settled(client.models.retrieve("does-not-exist"))
    with pytest.raises((PermissionDeniedError, NotFoundError)):
        await settled(client.models.delete("gpt-5-mini"))
