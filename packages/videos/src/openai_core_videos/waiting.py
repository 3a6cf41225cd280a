"""Videos take minutes to make: begin one, wait for it, save it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.operation import OMIT
from openai_core.steps import save, send, tell, until, within
from openai_core_videos.operations import videos

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from openai_core.files import FileInput
    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_videos.params import ImageRefParam, VideoContentVariant, VideoModel, VideoSeconds, VideoSize
    from openai_core_videos.types.videos import Video

_UNDER_WAY = frozenset({"queued", "in_progress"})


def wait(
    video_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Video], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Video]:
    """Wait until a video is finished.

    Args:
        video_id: ID of the video.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the video goes on being made.
        on_progress: Called with the video after each look; its `progress` is a percentage.
        options: Options of each look.

    Returns:
        The video in its last state. One that has failed is returned too: see `status` and `error`.

    Raises:
        DeadlineExceededError: if the video isn't finished in time.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/videos/retrieve)
    """
    return until(
        videos.retrieve(video_id, options=options),
        lambda video: video.status not in _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )


def create_and_wait(
    *,
    prompt: str,
    input_reference: FileInput | ImageRefParam | Omit = OMIT,
    model: VideoModel | Omit = OMIT,
    seconds: VideoSeconds | Omit = OMIT,
    size: VideoSize | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Video], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Video]:
    """Make a video from a prompt, and wait until it is finished.

    Args:
        prompt: What the video shall show, in words, up to 32000 characters.
        input_reference: An image to begin with: a path, bytes, an open file, `(name, content[, media type])`, or an
            object with a `file_id` or `image_url`.
        model: Name of the model: `sora-2` if not given, or `sora-2-pro`.
        seconds: How long the video is: `4`, `8` or `12` seconds; `4` if not given.
        size: Width and height: `720x1280`, `1280x720`, `1024x1792` or `1792x1024`; the first if not given.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it; after that, the video goes on being made.
        on_progress: Called with the video when it is begun and after each look; its `progress` is a percentage.
        options: Options of each call.

    Returns:
        The video in its last state. One that has failed is returned too: see `status` and `error`.

    Raises:
        DeadlineExceededError: if the video isn't finished in time.
        APIError: if a call fails.

    [API reference](https://platform.openai.com/docs/api-reference/videos/create)
    """
    yield from within(deadline)
    video = yield from send(
        videos.create(
            prompt=prompt, input_reference=input_reference, model=model, seconds=seconds, size=size, options=options
        )
    )
    yield from tell(on_progress, video)
    if video.status not in _UNDER_WAY:
        return video
    return (yield from wait(video.id, interval=interval, on_progress=on_progress, options=options))


def download(
    video_id: str,
    path: str | os.PathLike[str],
    *,
    variant: VideoContentVariant | Omit = OMIT,
    on_progress: Callable[[int, int | None], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Path]:
    """Save a finished video, its thumbnail or its spritesheet to a file.

    Args:
        video_id: ID of the video.
        path: Where to. The file appears when it is complete; missing folders are made.
        variant: Which file: `video` (MP4), `thumbnail` (WebP) or `spritesheet` (many frames in one image); `video` if
            not given.
        on_progress: Called with how many bytes are written, and how many there are (`None` if the server doesn't say).
        options: Options of this one call.

    Returns:
        The path of the file.

    Raises:
        FileSaveError: if the file can't be written or the connection breaks; `.partial` names what came.
        APIError: if there is nothing to save, because the video isn't finished or its files have expired.

    [API reference](https://platform.openai.com/docs/api-reference/videos/content)
    """
    return save(videos.download_content(video_id, variant=variant, options=options), path, on_progress=on_progress)
