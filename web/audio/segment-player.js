/** Plays the segments of a focus session without gaps, as docs/guides/focus.md specifies. */

/** Seconds between the present and the start of a sound, in which it is scheduled. */
const LEAD_SECONDS = 0.2;
/** Time constant in seconds with which the music goes away when it is paused, and comes back. */
const SMOOTHING_SECONDS = 0.1;
const RETRY_MS = 2_000;
/** Header of a WAV file with 80 000 samples of 8 bit, at 8 kHz. */
const SILENCE = "UklGRqQ4AQBXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YYA4AQA=";

/**
 * Return a quarter of a wave, or the rest of it.
 *
 * @param {(angle: number) => number} shape
 * @param {number} done the share that is left out, from 0 to 1
 */
const quarter = (shape, done) =>
  Float32Array.from({ length: 257 }, (_, step) => shape((done + (1 - done) * (step / 256)) * (Math.PI / 2)));

/**
 * @typedef {object} Segment
 * @property {number} index
 * @property {number} beginsAtSeconds its start in the session
 * @property {string | null} playbackUrl
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
    // when a segment starts, in the time of the context
    let start = -Infinity;
    while (segment) {
      const { durationSeconds, overlapMs, fadeInMs } = segment.grid;
      const buffer = await this.#load(segment);
      if (buffer) {
        const now = this.#context.currentTime + LEAD_SECONDS;
        // one that is late joins the crossfade on the beat; when that is over, it starts now
        if (now > start + fadeInMs / 1000) start = now - offset;
        const begin = Math.max(now, start);
        this.#schedule(segment, buffer, start, begin);
        start += durationSeconds - overlapMs / 1000;
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
        const response = segment.playbackUrl ? await fetch(segment.playbackUrl, { signal: this.#signal }) : null;
        if (response?.ok) return await this.#context.decodeAudioData(await response.arrayBuffer());
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
   * @param {number} start when its first sample is due, in the time of the context
   * @param {number} begin when to begin, the same or later
   */
  #schedule(segment, buffer, start, begin) {
    const { durationSeconds, fadeInMs, fadeOutMs } = segment.grid;
    const [rise, fall] = [fadeInMs / 1000, fadeOutMs / 1000];
    const risen = (begin - start) / rise;
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    const fader = new GainNode(this.#context, { gain: risen < 1 ? 0 : 1 });
    source.connect(fader).connect(this.#output);
    if (rise && risen < 1) fader.gain.setValueCurveAtTime(quarter(Math.sin, risen), begin, rise * (1 - risen));
    const falling = start + durationSeconds - fall;
    const fallen = Math.max(0, (begin - falling) / fall);
    if (fall && fallen < 1) fader.gain.setValueCurveAtTime(quarter(Math.cos, fallen), Math.max(falling, begin), fall * (1 - fallen));
    source.start(begin, begin - start);
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

/** Return the URL of ten seconds of silence; browsers ignore shorter files for the media keys. */
function silence() {
  const header = Uint8Array.from(atob(SILENCE), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([header, new Uint8Array(80_000).fill(128)], { type: "audio/wav" }));
}
