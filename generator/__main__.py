"""`python -m generator`: writes, or checks, the generated code."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator import api, groups, operations, params, spec, types
from generator.docs import Docs
from generator.layout import Layout
from generator.module import HEADER, Module
from generator.plan import CORE, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: instead of those of the command line.

    Returns:
        The process's exit status: 0 if all went well, 1 if the check found differences, 2 if a person must decide.
    """
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    config = spec.data("config.toml")
    parser.add_argument("--spec", default=config["spec"]["url"], help="path or https URL of the API description (JSON)")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the committed code differs")
    parser.add_argument("--all", action="store_true", help="write all domains, not only those that are committed")
    parser.add_argument("--domain", action="append", help="write this domain alone, and core; may be repeated")
    parser.add_argument("--out", type=Path, default=ROOT, help="root of the workspace to write to")
    options = parser.parse_args(arguments)
    committed = options.domain or config["committed"]["domains"]
    try:
        plan = Plan(spec.load(options.spec))
        modules = written(plan, plan.domains if options.all else committed, frozenset(committed))
    except spec.GeneratorError as error:
        print(f"generator: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        for module in modules:
            path = fresh / module.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(module.text, "utf-8")
        _format(fresh)
        places = (
            [Path("packages", domain) for domain in (CORE, *options.domain)] if options.domain else [Path("packages")]
        )
        if options.check:
            return _differences(fresh, options.out, places)
        _replace(fresh, options.out, places)
    return 0


def written(plan: Plan, domains: Iterable[str], documented: frozenset[str]) -> list[Module]:
    """The modules of core and of some domains.

    Args:
        plan: what to write.
        domains: those to write.
        documented: those whose calls and parameters must all be documented.

    Raises:
        GeneratorError: if names clash or words are missing.
    """
    layout = Layout(plan)
    layout.check()
    docs = Docs(documented)
    modules = [groups.write(plan, layout, docs)]
    for domain in (CORE, *domains):
        modules += types.write(plan, layout, docs, domain)
        modules += params.write(plan, layout, docs, domain)
        if domain != CORE:
            modules += operations.write(plan, layout, docs, domain)
            modules += api.write(plan, layout, docs, domain)
    docs.check()
    return modules


def _format(folder: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--quiet", "--select=I,F401", "--fix"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, *config, "--no-cache", str(folder)], check=True)


def _generated(root: Path, places: Sequence[Path]) -> dict[Path, str]:
    """The generated files in some folders below a root, by their path from the root."""
    return {
        path.relative_to(root): text
        for place in places
        for path in sorted((root / place).rglob("src/**/*.py"))
        if (text := path.read_text("utf-8")).startswith(HEADER)
    }


def _differences(fresh: Path, root: Path, places: Sequence[Path]) -> int:
    wanted, found = _generated(fresh, places), _generated(root, places)
    wrong = [path for path in sorted({*wanted, *found}) if wanted.get(path) != found.get(path)]
    for path in wrong:
        print(f"{path} isn't what the generator writes; run `hatch run generate`", file=sys.stderr)
    return int(bool(wrong))


def _replace(fresh: Path, root: Path, places: Sequence[Path]) -> None:
    wanted = _generated(fresh, places)
    for path in _generated(root, places):
        if path not in wanted:
            (root / path).unlink()
    for path, text in wanted.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
