"""Run the emulator until it is interrupted: `python -m openai_core_emulator`."""

from __future__ import annotations

import argparse
import contextlib
import signal
from typing import NoReturn

from .server import Emulator


def main() -> None:
    """Read the command line, serve, and print where."""
    parser = argparse.ArgumentParser(prog="python -m openai_core_emulator", description="A local OpenAI API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--seed", type=int, default=0, help="what the answers depend on (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two events of a stream")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    emulator = Emulator(arguments.seed, host=arguments.host, port=arguments.port, pace=arguments.pace)
    try:
        emulator.start()
    except (OSError, OverflowError) as error:
        parser.error(f"can't listen on {arguments.host}, port {arguments.port}: {error}")
    with contextlib.suppress(KeyboardInterrupt):
        print(emulator.base_url, flush=True)  # noqa: T201 - this is what the command is for
        emulator.wait()
    emulator.stop()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
