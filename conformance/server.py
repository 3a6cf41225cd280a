"""The independent mock server: installed from npm, run on the transformed description, its log read."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from typing import TYPE_CHECKING, Any, Final

from conformance.description import HERE

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

PATIENCE: Final = 60
"""Seconds that the server may take to start, and to write its log."""
CASE: Final = "x-case"
"""The header that tells the log whose request it was."""
_PLACES: Final = ("query-array", "query-object", "form-array", "form-object")
_OPTIONS: Final = (
    *("--log-format=json", "--log-level=full", "--stream-interval=0", "--stream-count=3"),
    # An answer is wanted in any case: what is wrong is told in the log.
    "--reject-on-sdk-error=false",
    *(f"--validator-{place}-format=brackets" for place in _PLACES),
)


class MockServer:
    """The mock server, as a context.

    Args:
        description: the description that it answers by.
    """

    def __init__(self, description: Path) -> None:
        self._description = description
        self.url = ""
        self.log: dict[str, list[dict[str, Any]]] = {}
        """What it found wrong, by case."""
        self._seen = threading.Condition()
        self._started = False

    @staticmethod
    def missing() -> str:
        """What keeps it from running here, or nothing."""
        return "" if shutil.which("npm") and shutil.which("node") else "Node and npm aren't installed"

    def __enter__(self) -> Self:
        npm = shutil.which("npm") or "npm"
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        subprocess.run(install, cwd=HERE, check=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        steady = HERE / "node_modules" / ".bin" / ("steady.cmd" if os.name == "nt" else "steady")
        command = [str(steady), "--host=127.0.0.1", f"--port={port}", *_OPTIONS, str(self._description)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self._read, daemon=True).start()
        self.url = f"http://127.0.0.1:{port}"
        with self._seen:
            if not self._seen.wait_for(lambda: self._started, PATIENCE):
                raise TimeoutError("the mock server doesn't start")
        return self

    def _read(self) -> None:
        for line in self._process.stdout or ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            with self._seen:
                if entry["type"] == "startup":
                    self._started = True
                elif entry["type"] == "request":
                    case = entry["request"]["headers"].get(CASE, "")
                    self.log.setdefault(case, []).extend(entry.get("diagnostics", ()))
                self._seen.notify_all()

    def found(self, case: str) -> list[str]:
        """What the log says is wrong with a case's request."""
        with self._seen:
            if not self._seen.wait_for(lambda: case in self.log, PATIENCE):
                return ["the mock server's log doesn't mention the request"]
            return [f"{each['requestPath']}: {each['message']}" for each in self.log[case]]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
