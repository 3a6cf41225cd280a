"""Runs the tests on each supported Python that is installed here, each in its environment of hatch's matrix."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def versions() -> list[str]:
    """The Python versions of the matrix."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: list[str] = project["tool"]["hatch"]["envs"]["matrix"]["matrix"][0]["python"]
    return found


def interpreter(version: str) -> Path | None:
    """An interpreter of a version: one that is on the path and runs, or one of pyenv's."""
    name = f"python{version}"
    homes = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    homes += [str(folder / "bin") for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    for home in homes:
        found = shutil.which(name, path=home)
        # A shim may stand in for a version that isn't chosen, and says so only when it is run.
        if found and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return Path(found)
    return None


def main() -> int:
    """Run the tests, and return how many of the versions failed."""
    hatch = shutil.which("hatch")
    if hatch is None:
        print("hatch isn't on the path; python -m pip install hatch", file=sys.stderr)
        return 1
    failed, skipped = [], []
    for version in versions():
        python = interpreter(version)
        if python is None:
            skipped.append(version)
            continue
        # Where hatch is asked from within one of its environments, it must not mistake that for the one to use.
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("HATCH_", "VIRTUAL_ENV"))
        }
        environment["PATH"] = os.pathsep.join([str(python.parent), environment["PATH"]])
        command = [hatch, "run", f"+py={version}", "matrix:test", *sys.argv[1:]]
        print(f"Python {version}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:  # noqa: S603
            failed.append(version)
    for version in skipped:
        print(f"Python {version} isn't installed here: skipped")
    for version in failed:
        print(f"Python {version}: tests failed", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    raise SystemExit(main())
