/** Plays the segments of a focus session without gaps, as docs/guides/focus.md specifies. */

/** Seconds between the present and the start of a sound, in which it is scheduled. */
const LEAD_SECONDS = 0.2;
/** Time constant in seconds with which the music goes away when it is paused, and comes back. */
const SMOOTHING_SECONDS = 0.1;
const RETRY_MS = 2_000;

const curve = (/** @type {(angle: number) => number} */ shape) =>
  Float32Array.from({ length: 257 }, (_, step) => shape((step / 256) * (Math.PI / 2)));
const RISE = curve(Math.sin);
const FALL = curve(Math.cos);

/**
 * @typedef {object} Segment
 * @property {number} index
 * @property {number} beginsAtSeconds its start in the session
 * @property {string} playbackUrl
 * @property {{ tempoBpm: number, key: string, durationSeconds: number, overlapMs: number, fadeInMs: number, fadeOutMs: number }} grid
 */

/** Dispatches "ended" after the last segment. Two of them are in memory: the one that plays, and the next. */
export class SegmentPlayer extends EventTarget {
  #context = new AudioContext();
  #output = this.#context.createGain();
  /** Without an element that plays, browsers do not give the media keys to a page. */
  #element = new Audio(silence());
  /** @type {Map<number, Segment>} */
  #segments = new Map();
  /** @type {{ segment: Segment, start: number }[]} the last two that were scheduled, and when they start */
  #scheduled = [];
  #isComplete = false;
  #isPaused = false;
  #hasEnded = false;
  #volume = 1;
  #seconds;
  #signal;
  #renew;

  /**
   * @param {number} seconds position in the session where to start
   * @param {(index: number) => Promise<Segment | undefined>} renew returns a segment with a URL that has not expired
   * @param {AbortSignal} signal ends the playback
   */
  constructor(seconds, renew, signal) {
    super();
    this.#seconds = seconds;
    this.#renew = renew;
    this.#signal = signal;
    this.analyser = this.#context.createAnalyser();
    this.#output.connect(this.analyser).connect(this.#context.destination);
    this.#element.loop = true;
    signal.addEventListener("abort", () => {
      this.#element.pause();
      URL.revokeObjectURL(this.#element.src);
      void this.#context.close();
    });
    this.resume();
    this.#run().catch((error) => signal.aborted || reportError(error));
  }

  /**
   * Add segments that are ready.
   *
   * @param {Segment[]} segments
   * @param {boolean} isComplete whether no more will follow
   */
  add(segments, isComplete) {
    for (const segment of segments) this.#segments.set(segment.index, segment);
    this.#isComplete ||= isComplete;
    this.dispatchEvent(new Event("added"));
  }

  /** @returns {"loading" | "playing" | "paused" | "blocked" | "stalled" | "ended"} */
  get state() {
    if (this.#hasEnded) return "ended";
    if (this.#isPaused) return "paused";
    if (this.#context.state !== "running") return "blocked";
    const last = this.#scheduled.at(-1);
    if (!last) return "loading";
    return this.#context.currentTime < last.start + last.segment.grid.durationSeconds ? "playing" : "stalled";
  }

  /** The segment that is heard: in a crossfade the one before until its middle. */
  get segment() {
    const now = this.#context.currentTime;
    return this.#scheduled.findLast(({ segment, start }) => start + segment.grid.fadeInMs / 2000 <= now)?.segment;
  }

  /** Position in the session, in seconds. */
  get seconds() {
    const now = this.#context.currentTime;
    const heard = this.#scheduled.findLast(({ start }) => start <= now);
    if (!heard) return this.#seconds;
    const { beginsAtSeconds, grid } = heard.segment;
    return beginsAtSeconds + Math.min(now - heard.start, grid.durationSeconds);
  }

  /** @param {number} volume from 0 to 1 */
  set volume(volume) {
    this.#volume = volume;
    if (!this.#isPaused) this.#fadeTo(volume);
  }

  pause() {
    this.#isPaused = true;
    this.#element.pause();
    this.#fadeTo(0);
    setTimeout(() => this.#isPaused && this.#context.state === "running" && void this.#context.suspend(), SMOOTHING_SECONDS * 5000);
  }

  /** Play on; after a click or a key press, since browsers refuse otherwise. */
  resume() {
    this.#isPaused = false;
    // both wait for a click where one is needed
    this.#element.play().catch(() => {});
    this.#context.resume().catch(() => {});
    this.#fadeTo(this.#volume);
  }

  /** @param {number} level */
  #fadeTo(level) {
    this.#output.gain.setTargetAtTime(level, this.#context.currentTime, SMOOTHING_SECONDS);
  }

  async #run() {
    let segment = await this.#find(0);
    while (segment && (await this.#isPast(segment))) segment = await this.#find(segment.index + 1);
    let offset = segment ? Math.max(0, this.#seconds - segment.beginsAtSeconds) : 0;
    let when = 0;
    while (segment) {
      const { durationSeconds, overlapMs } = segment.grid;
      const buffer = await this.#load(segment);
      if (buffer) {
        // late only if it was not ready in time
        const begin = Math.max(when, this.#context.currentTime + LEAD_SECONDS);
        this.#schedule(segment, buffer, begin, offset);
        when = begin - offset + durationSeconds - overlapMs / 1000;
        offset = 0;
        await this.#reach(begin);
      }
      segment = await this.#find(segment.index + 1);
    }
    const last = this.#scheduled.at(-1);
    if (last) await this.#reach(last.start + last.segment.grid.durationSeconds);
    this.#hasEnded = true;
    this.dispatchEvent(new Event("ended"));
  }

  /**
   * Whether the position is in a later segment.
   *
   * @param {Segment} segment
   */
  async #isPast({ index, beginsAtSeconds, grid }) {
    const next = beginsAtSeconds + grid.durationSeconds - grid.overlapMs / 1000;
    return this.#seconds >= next && Boolean(await this.#find(index + 1));
  }

  /**
   * Wait for the first segment with at least this index; undefined if there will be none.
   *
   * @param {number} index
   */
  async #find(index) {
    for (;;) {
      const found = [...this.#segments.keys()].filter((each) => each >= index);
      if (found.length) return this.#segments.get(Math.min(...found));
      if (this.#isComplete) return undefined;
      await new Promise((resolve) => this.addEventListener("added", resolve, { once: true }));
    }
  }

  /**
   * Download and decode a segment; null if its track was deleted. Tries until it succeeds.
   *
   * @param {Segment} segment
   */
  async #load(segment) {
    for (;;) {
      try {
        const response = await fetch(segment.playbackUrl, { signal: this.#signal });
        if (response.ok) return await this.#context.decodeAudioData(await response.arrayBuffer());
        const renewed = await this.#renew(segment.index);
        if (!renewed) return null;
        segment = renewed;
      } catch (error) {
        if (this.#signal.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /**
   * @param {Segment} segment
   * @param {AudioBuffer} buffer
   * @param {number} begin when to start, in the time of the context
   * @param {number} offset seconds of the segment that are left out
   */
  #schedule(segment, buffer, begin, offset) {
    const { durationSeconds, fadeInMs, fadeOutMs } = segment.grid;
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    const fader = new GainNode(this.#context);
    source.connect(fader).connect(this.#output);
    const start = begin - offset;
    if (fadeInMs && !offset) fader.gain.setValueCurveAtTime(RISE, start, fadeInMs / 1000);
    if (fadeOutMs) {
      const fall = Math.max(start + durationSeconds - fadeOutMs / 1000, begin);
      fader.gain.setValueCurveAtTime(FALL, fall, fadeOutMs / 1000);
    }
    source.start(begin, offset);
    source.addEventListener("ended", () => fader.disconnect());
    this.#scheduled = [...this.#scheduled.slice(-1), { segment, start }];
  }

  /**
   * Wait until the context has reached a time; its clock goes on in a hidden tab, where timers are late.
   *
   * @param {number} time
   */
  #reach(time) {
    return new Promise((resolve) => {
      const clock = new ConstantSourceNode(this.#context, { offset: 0 });
      clock.connect(this.#output);
      clock.addEventListener("ended", resolve);
      clock.start();
      clock.stop(time);
    });
  }
}

/** Return the URL of ten seconds of silence (WAV, mono, 8 bit); browsers ignore shorter files for the media keys. */
function silence() {
  const rate = 8_000;
  const size = 10 * rate;
  const view = new DataView(new ArrayBuffer(44 + size));
  const write = (/** @type {number} */ at, /** @type {string} */ text) =>
    [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  write(36, "data");
  view.setUint32(40, size, true);
  new Uint8Array(view.buffer, 44).fill(128);
  return URL.createObjectURL(new Blob([view.buffer], { type: "audio/wav" }));
}
