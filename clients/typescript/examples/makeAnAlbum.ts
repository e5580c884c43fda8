/** Make several tracks at once, collect them, and print a link to share. */
import { MusicStudio } from "@music-studio/client";

const PROMPTS = ["slow ambient pads, dawn", "warm lofi with Rhodes, 82 bpm", "solo piano, gentle, in A minor"];

const { MUSIC_STUDIO_URL: url, MUSIC_STUDIO_API_KEY: apiKey } = process.env;
const studio = new MusicStudio({ url, apiKey });
const generations = await Promise.all(PROMPTS.map((prompt) => studio.generations.create(prompt)));
const tracks = await Promise.all(generations.map(({ id }) => studio.generations.wait(id)));
const album = await studio.collections.create("Morning");
for (const track of tracks) await studio.collections.add(album.id, track.id);
console.log((await studio.shares.shareCollection(album.id, { expiresInDays: 7 })).url);
