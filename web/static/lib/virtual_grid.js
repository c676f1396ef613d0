// A grid of many equal tiles of which only those in sight exist; what they show is fetched page by page.

import { h } from "./dom.js";

const PAGE = 60;
const ROWS_AROUND = 2;
/** How long tiles may say that somebody was seen "just now". */
const STALE_MS = 30_000;

/**
 * @param {{tileWidth: number, tileHeight: number, gap: number, label: string,
 *   fetchPage: (offset: number, limit: number) => Promise<{items: object[], total: number}>,
 *   tile: (item: object | null, index: number) => HTMLElement, failed: (error: Error) => void,
 *   counted: (total: number) => void}} what
 * @param {AbortSignal} signal
 */
export class VirtualGrid {
  #what;
  #pages = new Map();
  #tiles = new Map();
  #total = 0;
  #generation = 0;
  #columns = 1;
  #focused = 0;
  #shown = "";

  constructor(what, signal) {
    this.#what = what;
    this.node = h("div", { class: "grid-space", role: "group", "aria-label": what.label });
    addEventListener("scroll", () => this.#draw(), { signal, passive: true });
    const watch = new ResizeObserver(() => this.#layOut());
    watch.observe(this.node);
    signal.addEventListener("abort", () => watch.disconnect());
    this.node.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Ask anew; what is shown stays until the answer is there, and if the answer is the same. */
  async reload() {
    const generation = ++this.#generation;
    const offset = Math.max(0, Math.floor(this.#range()[0] / PAGE) * PAGE);
    try {
      const first = await this.#what.fetchPage(offset, PAGE);
      if (generation !== this.#generation) return;
      const shown = JSON.stringify([offset, first, Math.floor(Date.now() / STALE_MS)]);
      if (shown === this.#shown && this.node.isConnected) return;
      this.#shown = shown;
      this.#pages = new Map([[offset, first.items]]);
      this.#total = first.total;
      this.#what.counted(first.total);
      this.#clear();
      this.#layOut();
    } catch (error) {
      if (generation === this.#generation) this.#what.failed(error);
    }
  }

  #clear() {
    const held = this.node.contains(document.activeElement);
    for (const node of this.#tiles.values()) node.remove();
    this.#tiles.clear();
    if (held) queueMicrotask(() => this.#tiles.get(this.#focused)?.focus({ preventScroll: true }));
  }

  #layOut() {
    const { tileWidth, tileHeight, gap } = this.#what;
    const width = this.node.clientWidth;
    if (!width) return;
    this.#columns = Math.max(2, Math.floor((width + gap) / (tileWidth + gap)));
    this.size = (width - gap * (this.#columns - 1)) / this.#columns;
    const rows = Math.ceil(this.#total / this.#columns);
    this.node.style.height = `${Math.max(0, rows * (tileHeight + gap) - gap)}px`;
    for (const [index, node] of this.#tiles) this.#place(node, index);
    this.#draw();
  }

  /** First and last index that should exist. */
  #range() {
    const step = this.#what.tileHeight + this.#what.gap;
    const top = -this.node.getBoundingClientRect().top;
    const first = Math.floor(top / step) - ROWS_AROUND;
    const last = Math.ceil((top + innerHeight) / step) + ROWS_AROUND;
    return [Math.max(0, first * this.#columns), Math.min(this.#total, last * this.#columns)];
  }

  #draw() {
    if (!this.node.isConnected) return;
    const [first, last] = this.#range();
    for (const [index, node] of this.#tiles) {
      if ((index < first || index >= last) && node !== document.activeElement) {
        node.remove();
        this.#tiles.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) if (!this.#tiles.has(index)) this.#add(index);
    for (let offset = Math.floor(first / PAGE) * PAGE; offset < last; offset += PAGE) this.#fetch(offset);
  }

  #add(index) {
    const page = this.#pages.get(Math.floor(index / PAGE) * PAGE);
    const node = this.#what.tile(page?.[index % PAGE] ?? null, index);
    node.tabIndex = index === this.#focused ? 0 : -1;
    node.addEventListener("focus", () => this.#remember(index));
    this.#place(node, index);
    this.#tiles.set(index, node);
    this.node.append(node);
  }

  #place(node, index) {
    const { tileHeight, gap } = this.#what;
    const [row, column] = [Math.floor(index / this.#columns), index % this.#columns];
    node.style.width = `${this.size}px`;
    node.style.height = `${tileHeight}px`;
    node.style.transform = `translate(${column * (this.size + gap)}px, ${row * (tileHeight + gap)}px)`;
  }

  async #fetch(offset) {
    if (this.#pages.has(offset)) return;
    this.#pages.set(offset, []);
    const generation = this.#generation;
    try {
      const { items } = await this.#what.fetchPage(offset, PAGE);
      if (generation !== this.#generation) return;
      this.#pages.set(offset, items);
      for (let index = offset; index < offset + PAGE; index += 1) this.#replace(index);
      this.#draw();
    } catch (error) {
      this.#pages.delete(offset);
      if (generation === this.#generation) this.#what.failed(error);
    }
  }

  #replace(index) {
    const old = this.#tiles.get(index);
    if (!old) return;
    const held = old === document.activeElement;
    old.remove();
    this.#tiles.delete(index);
    this.#add(index);
    if (held) this.#tiles.get(index).focus({ preventScroll: true });
  }

  #remember(index) {
    const before = this.#tiles.get(this.#focused);
    if (before) before.tabIndex = -1;
    this.#focused = index;
    this.#tiles.get(index).tabIndex = 0;
  }

  #move(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns, Home: -this.#total, End: this.#total };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = Math.min(this.#total - 1, Math.max(0, this.#focused + step));
    const row = Math.floor(index / this.#columns) * (this.#what.tileHeight + this.#what.gap);
    const top = this.node.getBoundingClientRect().top + row;
    if (top < 80) scrollBy(0, top - 80);
    else if (top + this.#what.tileHeight > innerHeight - 80) scrollBy(0, top + this.#what.tileHeight - innerHeight + 80);
    this.#draw();
    this.#tiles.get(index)?.focus({ preventScroll: true });
  }
}
