"""Finding what distributions add: API groups, providers, transports. One is loaded when its name is first used."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, metadata
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

from openai_core.errors import ConfigurationError, MissingPluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    import pluggy

GroupT = TypeVar("GroupT")

ALLOWED: Final = "OPENAI_CORE_PLUGINS"
"""Environment variable: the names of the plugins that may be loaded, separated by commas; unset, all may."""


class Registry:
    """The plugins of one entry-point group.

    Args:
        group: the entry-point group, such as `openai_core.apis`.
        hook: name of the hook that its plugins implement.
        what: what it registers, for messages.
        own: the names that need no plugin, for messages.
    """

    def __init__(self, group: str, hook: str, what: str, *own: str) -> None:
        self.group = group
        self._hook = hook
        self._what = what
        self._own = own
        self._found: dict[str, tuple[Any, ...]] = {}
        self._origins: dict[str, EntryPoint] = {}
        self._lock = threading.RLock()
        self._loading: EntryPoint
        self._plugins: pluggy.PluginManager | None = None

    def get(self, name: str, *, plugin: str | None = None) -> tuple[Any, ...]:
        """What is registered under a name.

        Args:
            name: of the API group, provider or transport.
            plugin: name of its entry point, where it differs.

        Raises:
            MissingPluginError: if no installed plugin brings it.
            ConfigurationError: if two do, or the one that does can't be imported.
        """
        with self._lock:
            if name not in self._found:
                self._load(plugin or name)
            if name not in self._found:
                raise MissingPluginError(f"no {self._what} {name!r} here; {self._advice(plugin or name)}", name=name)
            return self._found[name]

    def installed(self) -> set[str]:
        """The names of the plugins that there are; none is loaded."""
        _installed.cache_clear()
        return {*self._found, *(entry.name for entry in _installed().select(group=self.group))}

    def _advice(self, plugin: str) -> str:
        extra, known = plugin.replace("_", "-"), None
        with suppress(PackageNotFoundError):
            known = metadata("openai-core").get_all("Provides-Extra")
        if extra in (known or ()):
            return f"install openai-core[{extra}], from where this openai-core came"
        installed = self.installed()
        if plugin in installed:
            return f"the plugin {plugin!r} is installed, and registers none of this name"
        here = ", ".join(sorted({*self._own, *installed})) or "none"
        return f"installed are {here}, and this version of openai-core knows no other"

    def _load(self, name: str) -> None:
        known = self._entries(name)
        try:
            if known:
                self._use(name, known)
                return
        except ConfigurationError:
            if self._entries(name, anew=True) == known:
                raise
        # It was installed since, or in another version.
        self._use(name, self._entries(name, anew=True))

    def _entries(self, name: str, *, anew: bool = False) -> tuple[EntryPoint, ...]:
        if anew:
            _installed.cache_clear()
        return tuple(_installed().select(group=self.group, name=name))

    def _use(self, name: str, candidates: Sequence[EntryPoint]) -> None:
        if not candidates:
            return
        allowed = os.environ.get(ALLOWED)
        if allowed is not None and name not in {part.strip() for part in allowed.split(",")}:
            raise MissingPluginError(f"{ALLOWED} doesn't list the {self._what} {name!r}; add it there", name=name)
        if len(candidates) > 1:
            raise self._two(name, *candidates)
        self._loading = candidates[0]
        try:
            module = self._loading.load()
            manager = self._manager()
            if not manager.is_registered(module):
                manager.register(module, name=name)
                manager.check_pending()
        except ConfigurationError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"the plugin {name!r} of the distribution {_distribution(self._loading)} can't be loaded: "
                f"{type(error).__name__}: {error}"
            ) from error

    def _manager(self) -> pluggy.PluginManager:
        if self._plugins is None:
            import pluggy

            from openai_core import hookspecs

            self._plugins = pluggy.PluginManager("openai_core")
            self._plugins.add_hookspecs(hookspecs)
            getattr(self._plugins.hook, self._hook).call_historic(kwargs={"register": self._register})
        return self._plugins

    def _register(self, name: str, *parts: Any) -> None:
        known = self._found.get(name)
        if known is not None and known != parts:
            raise self._two(name, self._origins[name], self._loading)
        self._found[name] = parts
        self._origins[name] = self._loading

    def _two(self, name: str, *entries: EntryPoint) -> ConfigurationError:
        both = " and ".join(sorted(map(_distribution, entries)))
        return ConfigurationError(f"two plugins bring the {self._what} {name!r}: {both}; uninstall one")


def _distribution(entry: EntryPoint) -> str:
    # A name stands in a distribution's description, all of which is parsed for it: for messages alone.
    return (entry.dist and entry.dist.name) or entry.value


@cache
def _installed() -> Any:
    """The entry points of all distributions, a file of each of which is read for them."""
    return entry_points()


apis: Final = Registry("openai_core.apis", "register_apis", "API group")
providers: Final = Registry("openai_core.providers", "register_providers", "provider")
transports: Final = Registry("openai_core.transports", "register_transports", "transport", "httpx")


class PluginGroup(Generic[GroupT]):
    """A client's attribute for an API group that a distribution brings.

    Args:
        name: of the attribute and the group.
        plugin: name of the entry point, where it differs.
    """

    def __init__(self, name: str, plugin: str | None = None) -> None:
        self._name = name
        self._plugin = plugin

    @property
    def plugin(self) -> str:
        """Name of the entry point that brings the group."""
        return self._plugin or self._name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Any, owner: type) -> GroupT: ...
    def __get__(self, client: Any, owner: type) -> Self | GroupT:
        if client is None:
            return self
        colours = apis.get(self._name, plugin=self._plugin)
        make: Callable[[Any], GroupT] = colours[owner.colour]  # type: ignore[attr-defined]
        group = make(client)
        client.__dict__[self._name] = group
        return group
