"""Reranking: which documents fit a query best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core import OMIT, ApiGroup, AsyncApiGroup, AsyncMethod, Endpoint, Method, hookimpl
from openai_core.model import ApiModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai_core import Omit, Operation, RegisterApi, RequestOptions


class Ranked(ApiModel):
    """One document. `index` is its place in the request."""

    index: int
    relevance_score: float


class Ranking(ApiModel):
    """The documents, the best one first."""

    results: list[Ranked]
    model: str | None = None


CREATE: Endpoint[Ranking] = Endpoint("POST", "/rerank", "acme_rerank:Ranking")


@CREATE.builder
def create(
    *,
    model: str,
    query: str,
    documents: Sequence[str],
    top_n: int | Omit = OMIT,
    options: RequestOptions | None = None,
) -> Operation[Ranking]:
    """Rank documents by how well they fit a query.

    Args:
        model: Name of the model.
        query: What is looked for.
        documents: The texts to rank.
        top_n: How many to give; all if not given.
        options: Options of this one call.
    """
    body = {"model": model, "query": query, "documents": documents, "top_n": top_n}
    return CREATE.operation(body=body, options=options)


class Rerank(ApiGroup):
    """Documents in order of how well they fit."""

    create = Method(create)
    """Rank documents by how well they fit a query."""


class AsyncRerank(AsyncApiGroup):
    """Documents in order of how well they fit."""

    create = AsyncMethod(create)
    """Rank documents by how well they fit a query."""


@hookimpl
def register_apis(register: RegisterApi) -> None:
    """Register for both colours of client."""
    register("rerank", Rerank, AsyncRerank)
