"""Run the emulator until it is interrupted: `openai-core-emulator`, or `python -m openai_core_emulator`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from .server import Emulator

if TYPE_CHECKING:
    from .faults import FaultServer


def main() -> None:
    """Read the command line, serve, and print where."""
    parser = argparse.ArgumentParser(prog="openai-core-emulator", description="A local OpenAI API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--seed", type=int, default=0, help="what the answers depend on (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two events of a stream")
    parser.add_argument("--faults", action="store_true", help="play the faults that POST /_faults asks for")
    parser.add_argument("--chaos", type=int, metavar="SEED", help="let things go wrong at random, by this seed")
    parser.add_argument("--rate", type=float, help="part of requests that do (default: 0.3)")
    arguments = parser.parse_args()
    if arguments.rate is not None and arguments.chaos is None:
        parser.error("--rate says how often --chaos lets things go wrong: add --chaos SEED, or leave it out")
    signal.signal(signal.SIGTERM, _interrupt)
    server: Emulator | FaultServer
    if arguments.faults or arguments.chaos is not None:
        server = _faulty(parser, arguments)
    else:
        server = Emulator(arguments.seed, host=arguments.host, port=arguments.port, pace=arguments.pace)
    try:
        server.start()
    except (OSError, OverflowError) as error:
        parser.error(f"can't listen on {arguments.host}, port {arguments.port}: {error}")
    with contextlib.suppress(KeyboardInterrupt):
        print(server.base_url, flush=True)  # noqa: T201 - this is what the command is for
        server.wait()
    server.stop()


def _faulty(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> FaultServer:
    from .faults import Chaos, FaultServer

    try:
        rate = {} if arguments.rate is None else {"rate": arguments.rate}
        chaos = None if arguments.chaos is None else Chaos(arguments.chaos, **rate)
    except ValueError as error:
        parser.error(str(error))
    if chaos is not None:
        # Where the URL isn't printed, so that what reads that reads it alone.
        print(f"chaos of seed {chaos.seed}", file=sys.stderr, flush=True)  # noqa: T201 - as above
    emulator = Emulator(arguments.seed, pace=arguments.pace)
    return FaultServer(emulator, chaos=chaos, host=arguments.host, port=arguments.port)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
