"""A plugin that brings a group of a name that is taken."""

from __future__ import annotations

from openai_core import ApiGroup, AsyncApiGroup, RegisterApi, hookimpl


class Files(ApiGroup):
    """Other files."""


class AsyncFiles(AsyncApiGroup):
    """Other files."""


@hookimpl
def register_apis(register: RegisterApi) -> None:
    """Register it all the same."""
    register("files", Files, AsyncFiles)
