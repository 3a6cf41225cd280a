"""The wheels of all members, installed alone, as users get them."""

from __future__ import annotations

import ensurepip
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from benchmarks.domains import CALLS

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
MOST_BYTES = 11_000_000
OTHERS = {"realtime": {"websockets"}}
"""What domains depend on beside members."""

SCRIPT = """
import json, sys
from openai_core import Client
client = Client(base_url=sys.argv[1], api_key=sys.argv[2])
done = client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": "Hello"}])
try:
    client.images
except AttributeError as error:
    missing = [hasattr(client, "images"), getattr(client, "images", "none")]
    print(json.dumps([done.choices[0].message.role, type(error).__name__, str(error), *missing]))
"""


def run(*command: object, **settings) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """A folder with the wheel of every member, and the constraints that tie names to them."""
    folder = tmp_path_factory.mktemp("wheels") / "dist"
    for member in FOLDERS:
        list(WheelBuilder(str(member)).build(directory=str(folder)))
    run(sys.executable, ROOT / ".ci" / "constraints.py", folder)
    return folder


@pytest.fixture(scope="module")
def environment(wheels, tmp_path_factory) -> Path:
    """A fresh virtual environment with nothing but `openai-core[chat]`."""
    core = next(wheels.glob("openai_core-*.whl"))
    return fresh(tmp_path_factory.mktemp("environment") / "env", "-c", wheels / "constraints.txt", f"{core}[chat]")


def fresh(home: Path, *what: object) -> Path:
    """A virtual environment with this in it alone."""
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "venv", "--quiet", "--python", sys.executable, home)
    run(*uv, "pip", "install", "--quiet", "--python", home, *what)
    return home


def strangers_index(folder: Path, *names: str) -> str:
    """The address of an index with newer distributions of these names, which contain nothing."""
    for name in names:
        stem = f"{name.replace('-', '_')}-0.1.99"
        file = folder / name / f"{stem}-py3-none-any.whl"
        file.parent.mkdir(parents=True)
        with zipfile.ZipFile(file, "w") as wheel:
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.99\n")
            wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{stem}.dist-info/RECORD", "")
        file.with_name("index.html").write_text(f'<a href="{file.name}">{file.name}</a>', "utf-8")
    return folder.as_uri()


def test_what_the_readme_installs_is_ours_although_an_index_has_newer_ones(wheels, tmp_path):
    """Without the constraints a stranger's is taken; with them none is, nor of what a member needs in its turn."""
    names = ("openai-core", "openai-core-batches", "openai-core-files")
    settings = os.environ | {"PIP_EXTRA_INDEX_URL": strangers_index(tmp_path / "index", *names)}
    # As `python -m venv` makes one, but for the time that it takes.
    env = fresh(tmp_path / "env", f"pip=={ensurepip.version()}")
    readme = (ROOT / "README.md").read_text("utf-8")
    command = re.search(r"^python (-m pip install -c .*)\n", readme, re.MULTILINE)[1]
    *install, constraining, constraints, what = shlex.split(command.replace("[chat,responses]", "[batches]"))

    def resolved(*arguments: str) -> dict[str, str]:
        asked = [*install, *arguments, what, "--quiet", "--dry-run", "--report", "-"]
        report = json.loads(run(interpreter(env), *asked, cwd=wheels.parent, env=settings))
        metadata = [each["metadata"] for each in report["install"]]
        return {each["name"]: each["version"] for each in metadata if each["name"].startswith("openai-core")}

    with ThreadPoolExecutor() as threads:
        open_to_all = threads.submit(resolved, "--find-links", "dist")
        constrained = threads.submit(resolved, constraining, constraints)
    assert open_to_all.result()["openai-core-batches"] == "0.1.99"
    assert constrained.result() == dict.fromkeys(names, "0.1.0")


def site_packages(environment: Path) -> Path:
    return next(path for path in environment.rglob("site-packages"))


def test_every_member_builds(wheels):
    assert len(list(wheels.glob("*.whl"))) == len(FOLDERS)


def interpreter(environment: Path) -> Path:
    return environment / ("bin/python" if os.name == "posix" else "Scripts/python.exe")


def test_chat_alone_works_and_the_rest_says_what_to_install(environment, openai_emulator):
    said = run(interpreter(environment), "-W", "error", "-c", SCRIPT, openai_emulator.base_url, openai_emulator.api_key)
    assert json.loads(said) == [
        "assistant",
        "MissingPluginError",
        "no API group 'images' here; install openai-core[images], from where this openai-core came",
        False,
        "none",
    ]


def declared(domain: str) -> set[str]:
    """The members that a domain's metadata asks for, besides core."""
    project = tomllib.loads((ROOT / "packages" / domain / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.match(r"[\w-]+", each)[0] for each in project["dependencies"]}
    members = {name for name in names if name.startswith("openai-core")}
    # What else a domain declares is imported when it is first needed; all but that has to work without.
    assert names - members == OTHERS.get(domain, set())
    direct = {name.removeprefix("openai-core-").replace("-", "_") for name in members if name != "openai-core"}
    return direct.union(*map(declared, direct))


@pytest.mark.parametrize("domain", [name for name, call in CALLS.items() if call])
def test_a_domain_works_with_core_and_what_its_metadata_declares(
    domain, wheels, environment, openai_emulator, tmp_path
):
    members = [next(wheels.glob(f"openai_core_{name}-*.whl")) for name in {domain, *declared(domain)}]
    target = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path]
    run(*target, "--python", interpreter(environment), *members)
    settings = {
        "PYTHONPATH": str(tmp_path),
        "OPENAI_ADMIN_KEY": "admin-key",
        "OPENAI_API_KEY": openai_emulator.api_key,
        "OPENAI_BASE_URL": openai_emulator.base_url,
    }
    code = f"from openai_core import Client; Client().{CALLS[domain]}"
    run(interpreter(environment), "-c", code, env=os.environ | settings)
    assert openai_emulator.requests


def test_chat_brings_only_what_it_needs(environment):
    installed = {path.name.split("-")[0] for path in site_packages(environment).glob("*.dist-info")}
    assert {name for name in installed if name.startswith("openai")} == {"openai_core", "openai_core_chat"}


def test_a_fresh_install_is_small(environment):
    files = [path for path in site_packages(environment).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    own = ("_virtualenv", "distutils-precedence")
    assert sum(path.stat().st_size for path in files if not path.name.startswith(own)) <= MOST_BYTES
