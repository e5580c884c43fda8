/** Values that notify their listeners when they change. */

/** @template T */
export class Store {
  /** @param {T} value */
  constructor(value) {
    /** @type {T} */
    this.value = value;
    /** @type {Set<(value: T) => void>} */
    this.listeners = new Set();
  }

  /** @param {T} value */
  set(value) {
    this.value = value;
    for (const listener of [...this.listeners]) listener(value);
  }

  /**
   * Call a listener with the present value and with each later one, until the signal aborts.
   *
   * @param {(value: T) => void} listener
   * @param {AbortSignal} [signal]
   */
  watch(listener, signal) {
    if (signal?.aborted) return;
    this.listeners.add(listener);
    signal?.addEventListener("abort", () => this.listeners.delete(listener));
    listener(this.value);
  }
}
