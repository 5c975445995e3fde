/** A binary heap: `isBefore` decides which item comes out first. */
export class PriorityHeap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapUnlessOrdered(parent, at)) return;
      at = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    items[0] = last;
    let at = 0;
    for (;;) {
      const child = this.#firstChild(at);
      if (child === undefined || !this.#swapUnlessOrdered(at, child)) return first;
      at = child;
    }
  }

  #firstChild(at: number): number | undefined {
    const left = 2 * at + 1;
    const right = left + 1;
    if (left >= this.#items.length) return undefined;
    if (right >= this.#items.length) return left;
    return this.#comesBefore(right, left) ? right : left;
  }

  #swapUnlessOrdered(parent: number, child: number): boolean {
    const a = this.#items[parent];
    const b = this.#items[child];
    if (a === undefined || b === undefined || !this.#isBefore(b, a)) return false;
    this.#items[parent] = b;
    this.#items[child] = a;
    return true;
  }

  #comesBefore(one: number, other: number): boolean {
    const a = this.#items[one];
    const b = this.#items[other];
    return a !== undefined && b !== undefined && this.#isBefore(a, b);
  }
}
