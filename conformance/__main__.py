"""`python -m conformance`: every operation, both colours, against a server that isn't ours, judged by the description.

Two judges see each request: the mock server, by the description as the official SDK uses it, and the official
description itself, which also knows which fields there are. What was asked for is compared with what arrived. Each
answer, which the mock server makes out of schemas, has to be read as the declared type.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.cases import Case, cases
from conformance.description import Description
from conformance.run import Run
from conformance.server import MockServer
from generator.plan import Plan
from generator.spec import load

if TYPE_CHECKING:
    from collections.abc import Sequence

BESIDE: Final = Path(__file__).parent.parent.parent / "shared" / "spec"
TRANSFORMED: Final = "openapi.sdk-transformed.yml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: instead of those of the command line.

    Returns:
        The process's exit status: 0 if all is well, or there is nothing to judge by; 1 if something is wrong; 2 if the
        command is.
    """
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    default = os.environ.get("OPENAI_CORE_SPEC") or str(BESIDE / "openapi.json")
    parser.add_argument("--spec", default=default, help="path of the API description (JSON)")
    parser.add_argument(
        "--mock-spec", type=Path, help=f"what the mock server answers by ({TRANSFORMED} beside the other)"
    )
    parser.add_argument("only", nargs="*", help="beginnings of the calls to send, such as `chat.`; all by default")
    options = parser.parse_args(arguments)
    mock_spec = options.mock_spec or Path(options.spec).with_name(TRANSFORMED)
    missing = [path for path in (Path(options.spec), mock_spec) if not path.exists()]
    if missing and options.spec != str(BESIDE / "openapi.json"):
        print(f"conformance: there is no {missing[0]}")
        return 2
    if missing or MockServer.missing():
        why = MockServer.missing() or f"there is no {missing[0]}; --spec and --mock-spec name the two descriptions"
        print(f"conformance: all is skipped, for {why}")
        return 0
    description = Description.read(options.spec)
    chosen = [
        case
        for case in cases(Plan(load(options.spec)), description)
        if not options.only or case.call.call.startswith(tuple(options.only))
    ]
    if not chosen:
        print(f"conformance: no call begins with {' or '.join(options.only)}")
        return 2
    with warnings.catch_warnings(), MockServer(mock_spec) as server:
        warnings.filterwarnings("ignore", "(GET|POST|DELETE) .* is deprecated", DeprecationWarning)
        wrong = asyncio.run(_run(chosen, server, description))
    # The others are made where our own server answers, in the tests.
    of_mock = [number for number, each in enumerate(description.exceptions) if each["side"].startswith("mock")]
    unused = [] if options.only else [description.exceptions[each] for each in of_mock if each not in description.used]
    for each in unused:
        print(f"exceptions.toml: nothing needs the exception for {each['operation']}, {each['problem']!r} any more")
    calls = len({case.call.call for case in chosen})
    operations = len({case.described.id for case in chosen})
    print(f"{operations} operations, {calls} calls, {2 * len(chosen)} requests: {wrong} with something wrong")
    return int(bool(wrong or unused))


async def _run(chosen: Sequence[Case], server: MockServer, description: Description) -> int:
    wrong = 0
    for colour in ("sync", "async"):
        run = Run(colour, server, description)
        for case in chosen:
            problems = await run.problems(case)
            wrong += bool(problems)
            for problem in problems:
                print(f"{case.name} {colour}: {problem[:1600]}")
        closed = run.client.close()
        if closed is not None:
            await closed
    return wrong


if __name__ == "__main__":
    sys.exit(main())
