// Use the TypeScript client as a program does, and print what it returned as JSON: node typescript.mjs STORY URL KEY [RELAY or FILE]
import * as fs from "node:fs";
import * as client from "./dist/index.js";

const [story, url, apiKey, argument] = process.argv.slice(2);
const studio = new client.MusicStudio({ url, apiKey });

async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

async function failure(call) {
  try {
    await call();
  } catch (error) {
    const isOurs = error instanceof client.StudioError;
    return { type: isOurs ? error.name : "another", code: error.code, message: error.message, problems: error.problems };
  }
  return null;
}

const STORIES = {
  async track() {
    const reading = await studio.generations.explain("solo piano, 70 bpm, no drums");
    const { id } = await studio.generations.create("solo piano, 70 bpm, no drums", { durationSeconds: 5, seed: 7 });
    const progress = [];
    const track = await studio.generations.wait(id, (state) => progress.push(state.progress));
    const wav = await studio.tracks.download(track.id, { format: "WAV" });
    await studio.library.save(track.id);
    await studio.library.tag(track.id, ["evening"]);
    await studio.tracks.rename(track.id, "Low Tide");
    const filter = { tags: ["evening"] };
    const entries = await all(studio.library.list({ query: "tide", filter }));
    const collection = await studio.collections.create("Evenings");
    await studio.collections.add(collection.id, track.id);
    const shared = await studio.shares.shareTrack(track.id, { expiresInDays: 1 });
    const revoked = await studio.shares.revoke(shared.link.id);
    return {
      tempo: reading.tempoBpm,
      progress,
      track: [track.seed, track.tempoBpm, track.licence.commercialUse],
      generations: (await all(studio.generations.list())).map((generation) => generation.id === id),
      wav: [wav.mimeType, Buffer.from(await wav.response.arrayBuffer()).toString("latin1", 0, 4)],
      titles: entries.map((entry) => [entry.track.title, entry.tags]),
      collected: (await all(studio.collections.tracks(collection.id, { pageSize: 1 }))).map((each) => each.title),
      shared: [shared.url.startsWith(url), revoked.isActive],
    };
  },

  async focus() {
    const session = await studio.focus.start({ goal: "SLEEP", targetMinutes: 5 });
    const segments = [];
    for await (const update of studio.focus.watch(session.id)) {
      segments.push(...update.newSegments.map((segment) => segment.index));
      if (segments.length > 0) break;
    }
    return [segments, (await studio.focus.end(session.id)).status];
  },

  async errors() {
    const stranger = new client.MusicStudio({ url, apiKey: "ak_invalid" });
    const { id } = await studio.generations.create("piano", { durationSeconds: 600 });
    const waiting = failure(() => studio.generations.wait(id));
    await studio.generations.cancel(id);
    return {
      invalid: await failure(() => studio.generations.create("piano", { durationSeconds: 0 })),
      missing: await failure(() => studio.tracks.get("trk_unknown")),
      wrongType: await failure(() => studio.tracks.get(id)),
      stranger: await failure(() => stranger.account.viewer()),
      strangerWaits: await failure(() => stranger.generations.wait(id)),
      cancelled: await waiting,
      unreachable: await failure(() => new client.MusicStudio({ url: argument }).account.viewer()),
    };
  },

  async uploads() {
    const file = await fs.openAsBlob(argument);
    const declaration = { statement: "CC BY, by Bob", licenceClass: "PERSONAL_ONLY" };
    const uploaded = await studio.referenceAudios.upload("demo.wav", file, "LICENSED", declaration);
    const source = { task: "COVER", referenceAudioId: uploaded.id };
    const ids = (await all(studio.referenceAudios.list())).map((each) => each.id === uploaded.id);
    const used = await failure(() => studio.generations.create("jazz", { durationSeconds: 2, source }));
    await studio.referenceAudios.delete(uploaded.id);
    const noAudio = await new Blob(["no audio"]).arrayBuffer();
    return {
      uploaded: [uploaded.name, uploaded.durationSeconds, uploaded.uploadUrl],
      ids,
      used,
      missing: await failure(() => studio.referenceAudios.get(uploaded.id)),
      noAudio: await failure(() => studio.referenceAudios.upload("demo.wav", noAudio, "OWN_WORK")),
    };
  },

  async interruption() {
    const { id } = await studio.generations.create("piano", { durationSeconds: 5 });
    const distant = new client.MusicStudio({ url: argument, apiKey });
    const track = await distant.generations.wait(id);
    return track.seed !== null;
  },
};

const result = await STORIES[story]();
process.stdout.write(JSON.stringify(result));
studio.close();
process.exit(0);
