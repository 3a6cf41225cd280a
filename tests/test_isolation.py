"""One domain doesn't slow another: it loads nothing of one that it doesn't depend on, and types alone no client."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOMAINS = sorted(path.parent.parent.parent.name for path in ROOT.glob("packages/*/src/*/api.py"))
CODE = """
import json, pkgutil, sys
from importlib import import_module

name = sys.argv[1]
package = import_module(name)
for part in ("types", "params"):
    try:
        module = import_module(f"{name}.{part}")
    except ModuleNotFoundError:
        continue
    for each in getattr(module, "__all__", ()):
        getattr(module, each)
types_alone = sorted({"httpx", "openai_core.client", "openai_core.call"} & sys.modules.keys())
for each in pkgutil.walk_packages(package.__path__, f"{name}."):
    import_module(each.name)
families = sorted({each.partition(".")[0] for each in sys.modules if each.startswith("openai_core_")})
print(json.dumps({"types": types_alone, "families": families, "httpx": "httpx" in sys.modules}))
"""


def dependencies(domain: str) -> set[str]:
    """The domains that one depends on, and those that these do."""
    project = tomllib.loads((ROOT / "packages" / domain / "pyproject.toml").read_text("utf-8"))["project"]
    names = [each.partition("==")[0] for each in project["dependencies"] if each.startswith("openai-core-")]
    direct = {name.removeprefix("openai-core-").replace("-", "_") for name in names}
    return direct.union(*map(dependencies, direct))


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_loads_itself_and_what_it_depends_on(domain):
    done = subprocess.run(
        [sys.executable, "-c", CODE, f"openai_core_{domain}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["families"]) <= {f"openai_core_{name}" for name in {domain, *dependencies(domain)}}
    assert found["types"] == []
    # Not before something is sent.
    assert not found["httpx"]


def test_reading_one_group_of_a_client_loads_no_other():
    code = (
        "import sys, openai_core; openai_core.Client(api_key='k').models.list; "
        "print(*{name.partition('.')[0] for name in sys.modules if name.startswith('openai_core_')})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["openai_core_models"]


def test_there_are_others_that_could_have_been_loaded():
    assert len(DOMAINS) == 25
    assert all(find_spec(f"openai_core_{name}") for name in DOMAINS)
