"""Images as files: those that came in an answer, and those of which it tells the URL."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from openai_core.errors import APIStatusError, FileSaveError, OpenAIError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

_BEGINNINGS: Final = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))
_SHOWN: Final = 16


class Saving:
    """What an answer with images can do beside holding them."""

    def save(self, folder: str | os.PathLike[str], *, deadline: float | None = None) -> list[Path]:
        """Write all images to files.

        Each gets a name of its own, such as `image-1-0a1b2c3d4e5f.png`: its number, what makes its bytes different
        from others, and the extension that they ask for. Images of which the answer holds only the URL are fetched at
        the same time, without the client that got the answer: neither its key nor any of its headers goes there.

        Args:
            folder: where to; it is made if it isn't there.
            deadline: seconds for fetching all of them.

        Returns:
            The paths of the files, in the order of `data`.

        Raises:
            FileSaveError: if there is an image that can't be fetched, read or written, saying of each why. The others
                are in the folder all the same.
        """
        images = _images(self)
        urls = _urls(images)
        fetched: list[bytes | OpenAIError] = []
        if urls:
            from openai_core_images.fetching import fetch

            fetched = fetch(urls, deadline)
        return _write(images, dict(zip(urls, fetched, strict=True)), Path(folder))

    async def save_async(self, folder: str | os.PathLike[str], *, deadline: float | None = None) -> list[Path]:
        """As `save`, in an event loop."""
        import asyncio

        images = _images(self)
        urls = _urls(images)
        fetched: list[bytes | OpenAIError] = []
        if urls:
            from openai_core_images.fetching import fetch_async

            fetched = await fetch_async(urls, deadline)
        return await asyncio.to_thread(_write, images, dict(zip(urls, fetched, strict=True)), Path(folder))


def _images(answer: object) -> Sequence[Any]:
    return getattr(answer, "data", None) or ()


def _urls(images: Sequence[Any]) -> list[str]:
    urls = (image.url for image in images if not image.b64_json and image.url)
    return [url for url in dict.fromkeys(urls) if _can_be_fetched(url)]


def _can_be_fetched(url: object) -> bool:
    with suppress(ValueError):
        parts = urlsplit(url if isinstance(url, str) else "")
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return False


def _write(images: Sequence[Any], fetched: dict[str, bytes | OpenAIError], folder: Path) -> list[Path]:
    saved: list[Path] = []
    failures: list[FileSaveError] = []
    for number, image in enumerate(images, 1):
        try:
            saved.append(_write_one(number, _content(image, fetched), folder))
        except (OpenAIError, OSError, ValueError) as error:
            failures.append(FileSaveError(f"image {number} of {len(images)} can't be saved: {_reason(error)}"))
    if len(failures) > 1:
        several = ExceptionGroup("images that can't be saved", failures)
        raise FileSaveError("\n".join(map(str, failures))) from several
    if failures:
        raise failures[0]
    return saved


def _content(image: Any, fetched: dict[str, bytes | OpenAIError]) -> bytes:
    if image.b64_json:
        return b64decode(image.b64_json, validate=True)
    if not image.url:
        raise ValueError("it has neither base64 nor a URL")
    content = fetched.get(image.url)
    if content is None:
        raise ValueError("its URL isn't one of http or https")
    if isinstance(content, OpenAIError):
        raise content
    return content


def _write_one(number: int, content: bytes, folder: Path) -> Path:
    # Nothing that a server has said goes into the name, so that it can't lead out of the folder.
    path = folder / f"image-{number}-{hashlib.sha256(content).hexdigest()[:12]}.{_extension(content)}"
    part = folder / f"{path.name}.{token_hex(4)}.part"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return path


def _extension(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    for beginning, extension in _BEGINNINGS:
        if content.startswith(beginning):
            return extension
    raise ValueError(f"it is no PNG, JPEG, WebP or GIF, but begins with {content[:_SHOWN]!r}")


def _reason(error: Exception) -> str:
    if isinstance(error, APIStatusError):
        # The message would show the whole URL, whose query may be a key to the image.
        return f"its URL is answered {error.status}; such URLs are good for an hour only"
    if isinstance(error, OSError):
        return f"{error.strerror} ({error.filename})"
    return str(error)
