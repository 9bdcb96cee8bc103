import { onThemeChange } from '../context/theme.ts';
import { afterFrame } from './afterFrame.ts';
import { isSameLook, paintText, type TextLook, textLook } from './paintText.ts';

/** A line of text on a canvas that fills its place. The text is also the canvas's content, which screen readers tell. */
export class PaintedLine {
  readonly canvas = document.createElement('canvas');
  #size = { width: 0, height: 0 };
  #text?: string;
  #look?: TextLook;

  /** Puts the canvas in its place, and follows the place's size and the page's theme. Returns a function that ends both. */
  mount(place: HTMLElement): () => void {
    // Read before the canvas changes the page; afterward, each reading would compute styles again.
    this.#look ??= textLook(place);
    place.append(this.canvas);
    // Reading the size here would lay out the page for every text.
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const { width, height } = contentRect;
      if (width === this.#size.width && height === this.#size.height) return;
      this.#size = { width, height };
      this.#paint();
    });
    observer.observe(this.canvas);
    const stopTheme = onThemeChange(() => {
      this.#look = textLook(this.canvas);
      this.#paint();
    });
    return () => {
      observer.disconnect();
      stopTheme();
      this.canvas.remove();
    };
  }

  /** Shows a text, in the look that its place has after the next frame. Returns a function that keeps the present look. */
  show(text: string): () => void {
    if (text !== this.#text) {
      this.canvas.textContent = text;
      this.#text = text;
      this.#paint();
    }
    return afterFrame(() => {
      const now = textLook(this.canvas);
      if (this.#look && isSameLook(now, this.#look)) return;
      this.#look = now;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.#text !== undefined && this.#look) paintText(this.canvas, this.#text, this.#size, this.#look);
  }
}
