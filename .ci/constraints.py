"""Writes dist/constraints.txt, by which an installer takes each distribution of this checkout from its own wheel.

An extra such as `openai-core[chat]` asks for `openai-core-chat` by name, and an index may have a stranger's of that
name, with a higher version. A constraint that is a file leaves no choice.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main(folder: Path) -> int:
    """Write the constraints beside the wheels in `folder`, and return 1 if there isn't one of each distribution."""
    lines = []
    for member in sorted(ROOT.glob("packages/*/pyproject.toml")):
        name = tomllib.loads(member.read_text("utf-8"))["project"]["name"]
        wheels = list(folder.glob(f"{name.replace('-', '_')}-*.whl"))
        if len(wheels) != 1:
            print(f"{len(wheels)} wheels of {name} in {folder}; empty it, then: hatch build --all", file=sys.stderr)
            return 1
        lines.append(f"{name} @ {wheels[0].resolve().as_uri()}\n")
    (folder / "constraints.txt").write_text("".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
