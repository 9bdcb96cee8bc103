import { parseJson } from './json.ts';
import { boolean, checked, list, optional, record, text, type ValueOf, whole } from './schema.ts';

export const WORKSHEET_EXTENSION = '.untangle-worksheet.json';
const FORMAT = 'untangle-worksheet';
const VERSION = 1;

const answeredStep = record({
  id: text(60),
  title: text(200),
  /** Whether the reader did the step's task. */
  done: boolean(),
  question: optional(text(1000)),
  /** The reader's answer, made before the run showed its own. */
  answer: optional(text(1000)),
  /** The run's result. */
  shown: optional(text(1000)),
});

const worksheet = record({
  format: checked(text(60), (value, json) => {
    if (value !== FORMAT) throw json.fault(`“${FORMAT}”`);
  }),
  version: checked(whole(), (value, json) => {
    if (value > VERSION) throw json.fault(`at most version ${VERSION}: this file is newer than this tool`);
  }),
  lesson: text(60),
  title: text(200),
  /** When it was saved, as ISO 8601. */
  saved: text(40),
  run: record({
    seed: whole(),
    /** A link to the same settings. */
    settings: text(10_000),
    step: whole(),
    testAccuracy: optional(text(40)),
    /** SHA-256 of the parameters as safetensors, without metadata. */
    parameters: text(64),
  }),
  steps: list(answeredStep, 100),
});

/** A lesson's answers, with the run that they are about, for a teacher. */
export type Worksheet = ValueOf<typeof worksheet>;

export function writeWorksheet(sheet: Omit<Worksheet, 'format' | 'version'>): string {
  return `${JSON.stringify(worksheet.write({ format: FORMAT, version: VERSION, ...sheet }), null, 2)}\n`;
}

/** @throws an Error that names the place in the file, what is expected there and what was found. */
export function readWorksheet(content: string, name: string): Worksheet {
  return worksheet.read(parseJson(content, name));
}
