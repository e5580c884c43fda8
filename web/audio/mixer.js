/** Plays the stems of a track in time: one clock, one start, a level for each stem. */

/** Seconds between the request to start and the start, in which all sources are scheduled. */
const LEAD_SECONDS = 0.1;
/** Time constant of level changes in seconds, short enough to feel immediate and long enough not to click. */
const SMOOTHING_SECONDS = 0.02;
/** Frames that a meter measures, longer than a frame of the screen. */
const METER_FRAMES = 2_048;

/** Dispatches "ended" when all stems have been played to their end. */
export class Mixer extends EventTarget {
  #context = new AudioContext();
  /** @type {{ name: string, buffer: AudioBuffer, gain: GainNode, meter: AnalyserNode, level: number, isMuted: boolean, isSolo: boolean }[]} */
  #strips = [];
  /** @type {AudioBufferSourceNode[]} */
  #sources = [];
  #frames = new Float32Array(METER_FRAMES);
  #startedAt = 0;
  #offset = 0;

  /**
   * Download and decode the stems.
   *
   * @param {{ name: string, url: string | null }[]} stems
   * @param {AbortSignal} signal
   */
  async load(stems, signal) {
    const buffers = await Promise.all(
      stems.map(async ({ url }) => {
        const response = await fetch(url ?? "", { signal });
        if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
        return this.#context.decodeAudioData(await response.arrayBuffer());
      }),
    );
    this.#strips = stems.map(({ name }, place) => {
      const gain = this.#context.createGain();
      const meter = new AnalyserNode(this.#context, { fftSize: METER_FRAMES });
      gain.connect(meter).connect(this.#context.destination);
      return { name, buffer: buffers[place], gain, meter, level: 1, isMuted: false, isSolo: false };
    });
  }

  get isPlaying() {
    return this.#sources.length > 0;
  }

  /** Position in seconds. */
  get seconds() {
    if (!this.isPlaying) return this.#offset;
    return Math.min(this.duration, Math.max(0, this.#context.currentTime - this.#startedAt));
  }

  /** Length in seconds. */
  get duration() {
    return Math.max(0, ...this.#strips.map(({ buffer }) => buffer.duration));
  }

  async play() {
    await this.#context.resume();
    if (this.isPlaying) return;
    const when = this.#context.currentTime + LEAD_SECONDS;
    this.#startedAt = when - this.#offset;
    this.#sources = this.#strips.map(({ buffer, gain }) => {
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.connect(gain);
      source.start(when, this.#offset);
      return source;
    });
    const longest = this.#strips.findIndex(({ buffer }) => buffer.duration === this.duration);
    this.#sources[longest]?.addEventListener("ended", ({ target }) => {
      // a source ends as well when it is stopped
      if (target !== this.#sources[longest]) return;
      this.#sources = [];
      this.#offset = 0;
      this.dispatchEvent(new Event("ended"));
    });
  }

  pause() {
    this.#offset = this.seconds;
    for (const source of this.#sources) source.stop();
    this.#sources = [];
  }

  /** @param {number} seconds */
  seek(seconds) {
    const wasPlaying = this.isPlaying;
    this.pause();
    this.#offset = Math.max(0, Math.min(seconds, this.duration));
    if (wasPlaying) void this.play();
  }

  /**
   * Change a strip; `level` is a factor from 0 to 1.
   *
   * @param {string} name
   * @param {{ level?: number, isMuted?: boolean, isSolo?: boolean }} change
   */
  set(name, change) {
    Object.assign(this.#strips.find((strip) => strip.name === name) ?? {}, change);
    const hasSolo = this.#strips.some(({ isSolo }) => isSolo);
    for (const { gain, level, isMuted, isSolo } of this.#strips) {
      const isHeard = !isMuted && (isSolo || !hasSolo);
      gain.gain.setTargetAtTime(isHeard ? level : 0, this.#context.currentTime, SMOOTHING_SECONDS);
    }
  }

  /**
   * Return the present peak level of a stem after its strip, from 0 to 1.
   *
   * @param {string} name
   */
  peak(name) {
    const meter = this.#strips.find((strip) => strip.name === name)?.meter;
    if (!meter || !this.isPlaying) return 0;
    meter.getFloatTimeDomainData(this.#frames);
    return this.#frames.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  }

  close() {
    this.pause();
    if (this.#context.state !== "closed") void this.#context.close();
  }
}
