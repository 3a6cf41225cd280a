"""Plugins as users have them: distributions that are installed, found by their entry points."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "distributions"
FORTY = 40


def install(target: Path, *what: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--no-build-isolation",
    ]
    done = subprocess.run([*command, "--target", target, *what], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def wheel(folder: Path, name: str, source: str, entry_points: str) -> Path:
    """A wheel of one module, written by hand."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-1.0.dist-info"
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}.py", source)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", entry_points)
        archive.writestr(f"{info}/RECORD", "")
    return path


def run(target: Path, code: str, **variables: str) -> dict[str, object]:
    """What a fresh interpreter, with the installed plugins, leaves in `said`."""
    before = "import json, sys\nfrom openai_core import Client\nclient = Client(api_key='k')\nsaid = {}\n"
    script = f"{before}{code}\nprint(json.dumps(said))"
    environment = {**os.environ, "PYTHONPATH": str(target), **variables}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder in which three third-party distributions are installed, built from the sources beside this file."""
    target = tmp_path_factory.mktemp("installed")
    install(target, *sorted(SOURCES.iterdir()))
    return target


def test_a_third_party_group_is_reached_by_name_and_by_class(installed):
    said = run(
        installed,
        """
group = client.api("search")
said["kind"] = type(group).__name__
from acme_search import Search
said["operation"] = client.api(Search).find.operation(text="a").query
said["options"] = client.with_options(timeout=5).api("search").find.with_options(max_retries=0).__name__
""",
    )
    assert said == {"kind": "Search", "operation": {"text": "a"}, "options": "find"}


def test_a_third_party_provider_is_chosen_by_name(installed):
    said = run(
        installed,
        """
acme = Client(provider="acme", region="eu").provider
said["url"] = acme.url(client.models.list.operation())
said["headers"] = acme.headers()["X-Acme"]
""",
    )
    assert said == {"url": "https://eu.acme.example/v1/models", "headers": "yes"}


def test_a_plugin_that_fails_to_import_breaks_only_itself(installed):
    said = run(
        installed,
        """
try:
    client.api("broken")
except Exception as error:
    said["error"], said["kind"] = str(error), type(error).__name__
said["others"] = [type(client.api("search")).__name__, type(client.models).__name__]
said["is_missing"] = hasattr(client, "models")
""",
    )
    assert said["kind"] == "ConfigurationError"
    assert "'broken' of the distribution acme-broken can't be loaded" in str(said["error"])
    assert "a_module_that_nobody_has" in str(said["error"])
    assert said["others"] == ["Search", "Models"]


def test_two_plugins_of_one_name_are_an_error_that_names_both(installed):
    said = run(
        installed,
        """
try:
    client.files
except Exception as error:
    said["error"], said["kind"] = str(error), type(error).__name__
""",
    )
    assert said["kind"] == "ConfigurationError"
    assert "acme-taken and openai-core-files" in str(said["error"])


def test_a_plugin_is_loaded_when_it_is_first_used_and_not_before(installed):
    said = run(
        installed,
        """
said["before"] = "acme_search" in sys.modules or "pluggy" in sys.modules
client.api("search")
said["after"] = "acme_search" in sys.modules
said["others"] = [name for name in ("acme_broken", "acme_taken", "openai_core_chat") if name in sys.modules]
""",
    )
    assert said == {"before": False, "after": True, "others": []}


def test_what_may_be_loaded_can_be_restricted(installed):
    said = run(
        installed,
        """
for name in ("search", "models"):
    try:
        said[name] = type(client.api(name)).__name__
    except AttributeError as error:
        said[name] = str(error)
""",
        OPENAI_CORE_PLUGINS="models, chat",
    )
    assert said["models"] == "Models"
    assert said["search"] == "OPENAI_CORE_PLUGINS doesn't list the API group 'search'; add it there"


def test_forty_plugins_that_do_nothing_cost_nothing(tmp_path):
    wheels = [
        wheel(
            tmp_path,
            f"acme-idle-{number}",
            "raise RuntimeError('nobody asked for this one')\n",
            f"[openai_core.apis]\nidle{number} = acme_idle_{number}\n",
        )
        for number in range(FORTY)
    ]
    install(tmp_path / "installed", *wheels)
    said = run(
        tmp_path / "installed",
        """
from importlib.metadata import entry_points
said["installed"] = len([entry for entry in entry_points(group="openai_core.apis") if entry.name.startswith("idle")])
said["group"] = type(client.models).__name__
said["loaded"] = [name for name in sys.modules if name.startswith("acme_idle")]
""",
    )
    assert said == {"installed": FORTY, "group": "Models", "loaded": []}


def test_what_distributions_tell_of_themselves_is_read_once(installed):
    said = run(
        installed,
        """
from pathlib import Path
read = []
sys.addaudithook(lambda event, args: event == "open" and read.append(Path(str(args[0])).name))
client.models
said["at_first"] = "entry_points.txt" in read
read_before = len(read)
client.chat, client.api("search")
said["then"] = "entry_points.txt" in read[read_before:]
said["descriptions"] = "METADATA" in read
""",
    )
    assert said == {"at_first": True, "then": False, "descriptions": False}


def test_a_plugin_that_was_installed_since_is_found(installed, tmp_path):
    said = run(
        tmp_path,
        f"""
client.models
sys.path.append({str(installed)!r})
said["kind"] = type(client.api("search")).__name__
""",
    )
    assert said == {"kind": "Search"}


GROUP = """
from openai_core import hookimpl
from openai_core.group import ApiGroup, AsyncApiGroup

class Late(ApiGroup): pass

@hookimpl
def register_apis(register):
    register("late", Late, AsyncApiGroup)
"""


def test_one_that_was_replaced_or_taken_away_since_is_known(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    install(first, wheel(tmp_path, "acme-late", GROUP, "[openai_core.apis]\nlate = acme_late\n"))
    install(second, wheel(tmp_path, "acme-later", GROUP, "[openai_core.apis]\nlate = acme_later\n"))
    said = run(
        first,
        f"""
from openai_core import MissingPluginError
client.models
sys.path.remove({str(first)!r})
try:
    client.api("late")
except MissingPluginError as error:
    said["gone"] = str(error)
sys.path.insert(0, {str(first)!r})
dir(client)
sys.path[0] = {str(second)!r}
said["kind"] = type(client.api("late")).__module__
""",
    )
    assert said["gone"].startswith("no API group 'late' here; installed are ")
    assert said["kind"] == "acme_later"


def test_a_plugin_without_a_hook_is_named(tmp_path):
    install(tmp_path / "installed", wheel(tmp_path, "acme-idle", "", "[openai_core.apis]\nidle = acme_idle\n"))
    said = run(
        tmp_path / "installed",
        """
try:
    client.api("idle")
except AttributeError as error:
    said["error"] = str(error)
""",
    )
    assert said["error"] == "no API group 'idle' here; the plugin 'idle' is installed, and registers none of this name"


def test_a_hook_that_is_misspelt_is_an_error(tmp_path):
    source = "from openai_core import hookimpl\n\n@hookimpl\ndef register_api(register):\n    raise AssertionError\n"
    install(tmp_path / "installed", wheel(tmp_path, "acme-odd", source, "[openai_core.apis]\nodd = acme_odd\n"))
    said = run(
        tmp_path / "installed",
        """
try:
    client.api("odd")
except Exception as error:
    said["error"], said["kind"] = str(error), type(error).__name__
""",
    )
    assert said["kind"] == "ConfigurationError"
    assert "register_api" in str(said["error"])
    assert "acme-odd" in str(said["error"])


def test_a_missing_plugin_says_what_to_install(installed):
    said = run(
        installed,
        """
try:
    client.api("serach")
except AttributeError as error:
    said["error"], said["kind"] = str(error), type(error).__name__
try:
    Client(provider="azzure", api_key="k")
except AttributeError as error:
    said["provider"] = str(error)
import inspect
said["members"] = any(name == "models" for name, _ in inspect.getmembers(Client(api_key="k")) if name != "files")
""",
        OPENAI_CORE_PLUGINS="models,search",
    )
    assert said == {
        "error": said["error"],
        "kind": "MissingPluginError",
        "members": True,
        "provider": said["provider"],
    }
    # Only what there is can be installed.
    assert re.fullmatch(
        r"no API group 'serach' here; installed are .*chat.*, and this version of openai-core knows no other",
        said["error"],
    )
    assert said["provider"].startswith("no provider 'azzure' here; installed are ")


def test_the_examples_of_plugins_are_distributions_that_work(tmp_path):
    examples = Path(__file__).parent.parent.parent / "examples" / "plugins"
    install(tmp_path, *sorted(examples.iterdir()))
    said = run(
        tmp_path,
        """
import httpx, respx
from acme_rerank import Rerank
from openai_core import AsyncClient
settings = {"provider": "acme", "base_url": "http://127.0.0.1:9/v1", "api_key": "secret", "tenant": "search"}
with respx.mock, Client(**settings) as acme:
    route = respx.post("http://127.0.0.1:9/v1/rerank").respond(json={"results": [{"index": 1, "relevance_score": 0.9}]})
    ranking = acme.api(Rerank).create(model="bge", query="cats", documents=["dogs bark", "cats purr"])
    said["best"] = ranking.results[0].index
    request = route.calls.last.request
    said["headers"] = [request.headers["x-tenant"], request.headers["x-acme-key"], request.headers.get("authorization")]
    route = respx.post("http://127.0.0.1:9/v1/chat/completions").respond(json={})
    acme.chat.completions.create(model="m", messages=[], max_completion_tokens=9)
    said["body"] = json.loads(route.calls.last.request.content)
said["async"] = type(AsyncClient(**settings).api("rerank")).__name__
try:
    Client(**{**settings, "tenant": ""})
except Exception as error:
    said["error"] = str(error)
""",
    )
    assert said == {
        "best": 1,
        "headers": ["search", "secret", None],
        "body": {"model": "m", "messages": [], "max_tokens": 9},
        "async": "AsyncRerank",
        "error": "no tenant: pass tenant=... to the client",
    }
