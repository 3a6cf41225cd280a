"""Clients in unusual lives: many event loops, several threads, forks, exits. None says a word."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from lab.figures import Figure
from lab.interpreter import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.run import Colour
    from openai_core_emulator.faults import FaultServer

_FORKED: Final = """
        # Of the sockets that it inherits a child only lets go: closing them takes locks that nobody may ever open.
        import warnings
        warnings.simplefilter("ignore", ResourceWarning)

        def in_child(use):
            try:
                use()
            except ConfigurationError as error:
                # A transport that can't says so; its threads wouldn't survive an orderly end.
                assert "doesn't work in a forked process" in str(error)
                os._exit(0)
"""
_ASYNC: Final = {
    "asyncio.run calls of one client": """
        client = AsyncClient(**settings)
        for _ in range(count):
            asyncio.run(call(client))
        """,
    "two loops in two threads": """
        client = AsyncClient(**settings)

        async def often():
            for _ in range(count):
                await call(client)

        threads = [threading.Thread(target=lambda: asyncio.run(often())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """,
    "exits without closing, async": """
        client = AsyncClient(**settings)
        asyncio.run(call(client))
        """,
    "forks, async": f"""{_FORKED}
        client = AsyncClient(**settings)
        asyncio.run(call(client))
        for _ in range(count):
            child = os.fork()
            if not child:
                in_child(lambda: asyncio.run(call(client)))
                break
            assert os.waitpid(child, 0)[1] == 0
        else:
            asyncio.run(call(client))
        """,
    "forks in a running loop": f"""{_FORKED}
        async def main():
            client = AsyncClient(**settings)
            await call(client)
            for _ in range(count):
                child = os.fork()
                if not child:
                    thread = threading.Thread(target=in_child, args=[lambda: asyncio.run(call(client))])
                    thread.start()
                    thread.join()
                    break
                assert os.waitpid(child, 0)[1] == 0
            else:
                await call(client)

        asyncio.run(main())
        """,
}
_SYNC: Final = {
    "exits without closing, sync": """
        client = Client(**settings)
        client.chat.completions.create(**asked)
        """,
    "forks, sync": f"""{_FORKED}
        client = Client(**settings)
        client.chat.completions.create(**asked)
        for _ in range(count):
            child = os.fork()
            if not child:
                in_child(lambda: client.chat.completions.create(**asked))
                break
            assert os.waitpid(child, 0)[1] == 0
        else:
            client.chat.completions.create(**asked)
        """,
}


def lives(server: FaultServer, times: int, transport: str, colours: Sequence[Colour]) -> Iterator[Figure]:
    """Each life, with so many repetitions."""
    wanted = {**(_ASYNC if "async" in colours else {}), **(_SYNC if "sync" in colours else {})}
    for what, source in wanted.items():
        if "forks" in what and not hasattr(os, "fork"):
            continue
        count = 1 if "exits" in what else times
        _, problems = run(server, source, transport, count)
        yield Figure(f"survives: {what}", count, "not silent" if problems else "silent", problems)
