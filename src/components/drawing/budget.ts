/** What the budget needs of the browser. */
export interface DrawingClock {
  now(): number;
  /** Calls back in the page's next animation frame. */
  onFrame(callback: () => void): void;
  /** Calls back when the browser has painted the present frame. */
  afterPaint(callback: () => void): void;
  /** Calls back after so many milliseconds; returns a function that cancels. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Reports whether the element is in view, now and whenever that changes; returns a function that ends the reports. */
  watch(element: Element, onChange: (inView: boolean) => void): () => void;
}

/** Something on the page that is drawn again when it changes. */
export interface Drawer {
  /** Draws soon: within the budget, and only while in view. */
  request(): void;
  remove(): void;
}

export interface DrawerOptions {
  /** Nothing is drawn while this element is out of view. */
  element?: Element;
  /** At least so many milliseconds between two drawings, except where a person acts. */
  pace?: number | (() => number);
  /** At least so many milliseconds between two drawings where a person acts. Default: every frame. */
  handPace?: number;
  /** When this was drawn before, by the clock. */
  last?: number;
}

/** Milliseconds between two drawings while nobody touches the page: 12 a second. */
export const LIVE_INTERVAL = 1000 / 12;
/** Milliseconds between two drawings while training uses all cores, so that every drawing makes a step wait: 4 a second. */
const FULL_INTERVAL = 1000 / 4;
/** Share of the main thread that these drawings may take; answers and React take a part of the page's fifth of a core. */
const SHARE = 0.06;
const LONGEST_INTERVAL = 1000;
/** Milliseconds after a person's last input in which everything is drawn in the next frame. */
const HAND_MILLISECONDS = 200;
/** Frames come at multiples of 16.7 ms, so a drawing that is due this soon is drawn now. */
const SLACK = 5;
/** Weight of the newest frame in the mean cost. */
const NEWEST = 0.3;

interface Entry {
  draw: () => void;
  pace: () => number;
  handPace: number;
  isWanted: boolean;
  isDrawing: boolean;
  inView: boolean;
  last: number;
}

/**
 * Decides who draws when. All that changed is drawn together in one frame, at most 12 times a second, and less often where
 * no core is idle or drawing is expensive: the page measures what its frames cost. For 200 ms after a person's input
 * everything is drawn in the next frame, apart from drawings with a pace for that. What is out of view is drawn when it comes into view.
 */
export class DrawingBudget {
  readonly #clock: DrawingClock;
  readonly #entries = new Set<Entry>();
  #afterDrawing: (() => void)[] = [];
  #frameIsComing = false;
  #isPrinting = false;
  /** The frame that is drawn now, until the browser paints it. */
  #open?: { began: number; isDue(entry: Entry): boolean };
  #cancelTimer?: () => void;
  #timerAt = Number.POSITIVE_INFINITY;
  #lastLive = Number.NEGATIVE_INFINITY;
  #handUntil = Number.NEGATIVE_INFINITY;
  /** Mean milliseconds of the main thread for a frame. */
  #cost = 0;
  #least = LIVE_INTERVAL;

  constructor(clock: DrawingClock) {
    this.#clock = clock;
  }

  /** Milliseconds between two live drawings at present. */
  get interval(): number {
    return Math.min(LONGEST_INTERVAL, Math.max(this.#least, this.#cost / SHARE));
  }

  add(
    draw: () => void,
    { element, pace = 0, handPace = 0, last = Number.NEGATIVE_INFINITY }: DrawerOptions = {},
  ): Drawer {
    const paceOf = typeof pace === 'number' ? () => pace : pace;
    const entry: Entry = {
      draw,
      pace: paceOf,
      handPace,
      isWanted: false,
      isDrawing: false,
      inView: true,
      last,
    };
    this.#entries.add(entry);
    const stopWatching = element
      ? this.#clock.watch(element, (inView) => {
          const comes = inView && !entry.inView;
          entry.inView = inView;
          if (comes && entry.isWanted) this.hand();
        })
      : undefined;
    return {
      request: () => {
        entry.isWanted = true;
        if (this.#isPrinting) return this.#drawForPaper(entry);
        if (!entry.inView) return;
        // A drawing may change what another draws: both belong in one frame, because the browser paints each frame anew.
        if (this.#open?.isDue(entry)) this.#draw(entry, this.#open.began);
        else this.#schedule();
      },
      remove: () => {
        stopWatching?.();
        this.#entries.delete(entry);
      },
    };
  }

  /** Reports whether the element is in view, now and whenever that changes; returns a function that ends the reports. */
  watch(element: Element, onChange: (inView: boolean) => void): () => void {
    return this.#clock.watch(element, onChange);
  }

  /** Whether training uses all cores. */
  setFull(isFull: boolean): void {
    this.#least = isFull ? FULL_INTERVAL : LIVE_INTERVAL;
  }

  /** A person has acted: draw in the next frames what changes. */
  hand(): void {
    this.#handUntil = this.#clock.now() + HAND_MILLISECONDS;
    if (this.#isAnythingWanted()) this.#schedule();
  }

  /** Whether a person has acted a moment ago. */
  get isHand(): boolean {
    return this.#isHandAt(this.#clock.now());
  }

  /**
   * Draws at once all that has changed and all that changes until the end of printing, in view or not: the browser captures
   * the page for paper without another frame.
   */
  print(isPrinting: boolean): void {
    this.#isPrinting = isPrinting;
    if (isPrinting) for (const entry of this.#entries) this.#drawForPaper(entry);
    else if (this.#isAnythingWanted()) this.#schedule();
  }

  get isPrinting(): boolean {
    return this.#isPrinting;
  }

  #drawForPaper(entry: Entry): void {
    // A drawing that asks for the next one would never end.
    if (!entry.isWanted || entry.isDrawing) return;
    entry.isDrawing = true;
    try {
      this.#draw(entry, this.#clock.now());
    } finally {
      entry.isDrawing = false;
    }
  }

  /** Calls back when what changed is drawn and the next live drawing may come. */
  whenDrawn(callback: () => void): void {
    this.#afterDrawing.push(callback);
    this.#schedule();
  }

  #isAnythingWanted(): boolean {
    for (const { isWanted, inView } of this.#entries) if (isWanted && inView) return true;
    return this.#afterDrawing.length > 0;
  }

  #isHandAt(now: number): boolean {
    return now < this.#handUntil;
  }

  /** When this drawing is due. */
  #dueAt({ last, pace, handPace }: Entry, byHand: boolean): number {
    const live = Math.max(this.#lastLive + this.interval, last + pace());
    return byHand ? Math.min(live, last + handPace) : live;
  }

  #schedule(): void {
    if (this.#frameIsComing) return;
    const now = this.#clock.now();
    let due = this.#afterDrawing.length > 0 ? this.#lastLive + this.interval : Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) {
      if (entry.isWanted && entry.inView) due = Math.min(due, this.#dueAt(entry, this.#isHandAt(now)));
    }
    if (due === Number.POSITIVE_INFINITY) return;
    if (due <= now + SLACK) {
      this.#stopTimer();
      this.#frameIsComing = true;
      this.#clock.onFrame(() => this.#frame());
    } else if (due < this.#timerAt) {
      this.#stopTimer();
      this.#timerAt = due;
      this.#cancelTimer = this.#clock.after(due - now, () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#schedule();
      });
    }
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #frame(): void {
    const began = this.#clock.now();
    const byHand = this.#isHandAt(began);
    const isLive = this.#lastLive + this.interval <= began + SLACK;
    const isDue = ({ last, pace, handPace }: Entry) =>
      (byHand && last + handPace <= began + SLACK) || (isLive && last + pace() <= began + SLACK);
    const due = [...this.#entries].filter((entry) => entry.isWanted && entry.inView && isDue(entry));
    if (isLive) this.#lastLive = began;
    this.#open = { began, isDue: (entry) => entry.last < began && isDue(entry) };
    this.#clock.afterPaint(() => {
      this.#frameIsComing = false;
      this.#open = undefined;
      if (isLive) {
        this.#cost += NEWEST * (this.#clock.now() - began - this.#cost);
        this.#callBack();
      }
      this.#schedule();
    });
    for (const entry of due) if (entry.isWanted) this.#draw(entry, began);
  }

  #draw(entry: Entry, began: number): void {
    entry.isWanted = false;
    entry.last = began;
    entry.draw();
  }

  /** The callers learn of the drawing when the next one may come. */
  #callBack(): void {
    const callbacks = this.#afterDrawing;
    if (callbacks.length === 0) return;
    this.#afterDrawing = [];
    this.#clock.after(Math.max(0, this.#lastLive + this.interval - this.#clock.now()), () => {
      for (const callback of callbacks) callback();
    });
  }
}
