"""A video from words and an image: made, waited for, listed, saved, deleted."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Make a video of a cat."""
    with Client() as client:
        picture = client.images.generate(prompt="A cat.", model="dall-e-2", size="256x256").save("data")[0]
        video = client.videos.create_and_wait(
            prompt="The cat plays the piano.",
            model="sora-2",
            input_reference=picture,
            on_progress=lambda video: print(video.status, video.progress),
            deadline=600,
        )
        if video.error:
            raise SystemExit(video.error.message)
        print([each.id for each in client.videos.list()])
        print(client.videos.download(video.id, "data/cat.mp4"))
        print(client.videos.delete(video.id).deleted)


if __name__ == "__main__":
    main()
