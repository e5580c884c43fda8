/** Reads the notes of a Standard MIDI File (RP-001). */

const TRACK_CHUNK = 0x4d54726b;
const DRUM_CHANNEL = 9;
const SECONDS_PER_MICROSECOND = 1e-6;
const DEFAULT_TEMPO = 500_000;

/**
 * @typedef {{ start: number, end: number, pitch: number }} Note times in seconds, or ticks while a file is read
 * @typedef {{ name: string, isDrums: boolean, notes: Note[] }} Part
 * @typedef {{ tick: number, micros: number }} Tempo microseconds per quarter note
 */

/**
 * Return the tracks that have notes.
 *
 * @param {ArrayBuffer} file
 * @returns {Part[]}
 */
export function readMidi(file) {
  const view = new DataView(file);
  const ticksPerQuarter = view.getUint16(12);
  /** @type {Tempo[]} */
  const tempos = [{ tick: 0, micros: DEFAULT_TEMPO }];
  /** @type {Part[]} */
  const parts = [];
  let length = 0;
  for (let at = 8 + view.getUint32(4); at + 8 <= view.byteLength; at += 8 + length) {
    length = view.getUint32(at + 4);
    if (view.getUint32(at) === TRACK_CHUNK) parts.push(readTrack(view, at + 8, at + 8 + length, tempos));
  }
  const toSeconds = tempoMap(tempos, ticksPerQuarter);
  for (const { notes } of parts) {
    for (const note of notes) Object.assign(note, { start: toSeconds(note.start), end: toSeconds(note.end) });
  }
  return parts.filter(({ notes }) => notes.length > 0);
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} end
 * @param {Tempo[]} tempos to which those of the track are added
 * @returns {Part}
 */
function readTrack(view, at, end, tempos) {
  /** @type {Part} */
  const part = { name: "", isDrums: false, notes: [] };
  /** @type {Map<number, number>} start of each sounding pitch */
  const sounding = new Map();
  let tick = 0;
  let status = 0;
  const readNumber = () => {
    let value = 0;
    let byte = 0x80;
    for (; byte & 0x80; at += 1) {
      byte = view.getUint8(at);
      value = (value << 7) | (byte & 0x7f);
    }
    return value;
  };
  while (at < end) {
    tick += readNumber();
    // without a status byte the last one is valid
    if (view.getUint8(at) & 0x80) status = view.getUint8(at++);
    if (status >= 0xf0) {
      const kind = status === 0xff ? view.getUint8(at++) : 0;
      const size = readNumber();
      if (kind === 0x03) part.name = new TextDecoder().decode(new Uint8Array(view.buffer, at, size));
      if (kind === 0x51) tempos.push({ tick, micros: view.getUint32(at - 1) & 0xffffff });
      at += size;
      continue;
    }
    const [pitch, velocity] = [view.getUint8(at), status >> 4 === 0xc || status >> 4 === 0xd ? 0 : view.getUint8(at + 1)];
    at += status >> 4 === 0xc || status >> 4 === 0xd ? 1 : 2;
    if (status >> 4 !== 0x8 && status >> 4 !== 0x9) continue;
    part.isDrums = (status & 0xf) === DRUM_CHANNEL;
    const start = sounding.get(pitch);
    sounding.delete(pitch);
    if (start !== undefined) part.notes.push({ start, end: tick, pitch });
    if (status >> 4 === 0x9 && velocity > 0) sounding.set(pitch, tick);
  }
  return part;
}

/**
 * Return a function from ticks to seconds.
 *
 * @param {Tempo[]} tempos
 * @param {number} ticksPerQuarter
 */
function tempoMap(tempos, ticksPerQuarter) {
  tempos.sort((one, other) => one.tick - other.tick);
  let seconds = 0;
  const points = tempos.map(({ tick, micros }, place) => {
    const previous = tempos[place - 1];
    if (previous) seconds += ((tick - previous.tick) * previous.micros * SECONDS_PER_MICROSECOND) / ticksPerQuarter;
    return { tick, seconds, rate: (micros * SECONDS_PER_MICROSECOND) / ticksPerQuarter };
  });
  return (/** @type {number} */ tick) => {
    let [low, high] = [0, points.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle].tick <= tick) low = middle;
      else high = middle;
    }
    return points[low].seconds + (tick - points[low].tick) * points[low].rate;
  };
}
