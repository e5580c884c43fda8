"""Make several tracks at once, collect them, and print a link to share: ``python make_an_album.py``."""

import asyncio

from music_studio_client import AsyncMusicStudio

PROMPTS = ("slow ambient pads, dawn", "warm lofi with Rhodes, 82 bpm", "solo piano, gentle, in A minor")


async def main() -> None:
    async with AsyncMusicStudio() as studio:
        generations = [await studio.generations.create(prompt, duration_seconds=60) for prompt in PROMPTS]
        tracks = await asyncio.gather(*(studio.generations.wait(generation.id) for generation in generations))
        album = await studio.collections.create("Morning")
        for track in tracks:
            await studio.collections.add(album.id, track.id)
        shared = await studio.shares.share_collection(album.id, expires_in_days=7)
        print(shared.url)


if __name__ == "__main__":
    asyncio.run(main())
