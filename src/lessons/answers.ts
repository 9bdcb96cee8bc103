import type { Facts } from './facts.ts';
import type { Question } from './lesson.ts';

/** An answer in words: the option's text, or the values with their places. */
export function answerText(ask: Question, answer: readonly (number | undefined)[]): string | undefined {
  switch (ask.kind) {
    case 'choice':
      return answer[0] === undefined ? undefined : ask.options[answer[0]];
    case 'number':
      return answer[0] === undefined ? undefined : `${rounded(answer[0], ask.resolution)}${ask.unit}`;
    case 'curve':
      return ask.places
        .map((place, i) => {
          const value = answer[i];
          return `${place} ${value === undefined ? '–' : rounded(value, ask.resolution)}`;
        })
        .join(', ');
    default:
      return ask satisfies never;
  }
}

/** The answer that the run gives, in the same words. */
export function shownText(ask: Question, facts: Facts): string | undefined {
  if (ask.kind === 'curve') return answerText(ask, ask.shown(facts));
  return answerText(ask, [ask.shown?.(facts) ?? (ask.kind === 'choice' ? ask.right : undefined)]);
}

/** The value as a multiple of the resolution, without the last digits' noise. */
export function rounded(value: number, resolution: number): number {
  return Number((Math.round(value / resolution) * resolution).toPrecision(6));
}
