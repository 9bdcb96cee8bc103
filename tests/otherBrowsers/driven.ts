/** A real browser with one page, driven from Node; the same interface for every engine. */
export interface DrivenBrowser {
  readonly name: BrowserName;
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page, without access to the test; arguments and result are passed as JSON. */
  evaluate<Result, Given extends unknown[]>(
    work: (...given: Given) => Result | Promise<Result>,
    ...given: Given
  ): Promise<Result>;
  /** Presses the mouse at the first point and moves through the others, in CSS pixels of the window. */
  drag(places: [x: number, y: number][]): Promise<void>;
  /** Puts a finger down at the first point and moves it through the others. */
  touch(places: [x: number, y: number][]): Promise<void>;
  click(x: number, y: number): Promise<void>;
  press(key: string): Promise<void>;
  /** Turns the wheel over a point, in CSS pixels. */
  wheel(x: number, y: number, deltaY: number): Promise<void>;
  /** Sets the files of an `<input type="file">`. */
  chooseFile(selector: string, path: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** A PNG of the window. */
  screenshot(): Promise<Buffer>;
  /** Console errors since the last call. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

export type BrowserName = 'chromium' | 'firefox' | 'webkit';
