"""The process that holds the model: llama.cpp's HTTP server, until standard input ends."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from openai_core_local.server import READY


def main() -> None:
    """Read an order, run the server that it describes, and say when it answers."""
    # Ctrl-C in a terminal reaches this process too; whoever started it decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.readline())
    path = Path(order["path"])
    if order["sha256"]:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != order["sha256"]:
                sys.exit(f"{path} is damaged, or another model: its SHA-256 isn't {order['sha256']}")
    try:
        server = _serve(path, order)
    except (ImportError, RuntimeError) as error:
        sys.exit(str(error))
    print(READY, flush=True)  # noqa: T201 - to the process that started it
    sys.stdin.read()
    del server


def _serve(path: Path, order: dict[str, Any]) -> object:
    llama: Any = import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = str(path)
    params.model_alias = {path.stem}
    params.port, params.reuse_port = order["port"], True
    params.api_keys = [order["key"]]
    # Two calls are answered at a time, and share the context.
    params.n_ctx, params.n_parallel, params.kv_unified = order["context"], 2, True
    params.embedding, params.pooling_type = True, llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    # It would keep up to 8 GB of what it has read before.
    params.cache_ram_mib = 0
    params.ui = params.endpoint_slots = False
    # Errors only.
    params.verbosity = 1
    return llama.Server(params)


if __name__ == "__main__":
    main()
