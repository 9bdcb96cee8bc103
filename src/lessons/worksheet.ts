import type { Lab } from '../lab/lab.ts';
import { linkTo } from '../lab/share/link.ts';
import { sha256Hex } from '../ml/data/sha256.ts';
import { safetensorsFromParameters } from '../ml/formats/safetensors.ts';
import { WORKSHEET_EXTENSION, writeWorksheet } from '../ml/formats/worksheet.ts';
import { answerText, shownText } from './answers.ts';
import type { Facts } from './facts.ts';
import type { Lesson, LessonStep } from './lesson.ts';
import type { StepRecord } from './records.ts';

/** The state of a lesson in progress that a worksheet reports. */
interface Answered {
  steps: ReadonlyMap<string, StepRecord>;
  facts: Facts;
}

/** A file of the lesson's answers and of the run that they are about. */
export async function worksheetFile(lab: Lab, lesson: Lesson, { steps, facts }: Answered): Promise<File> {
  const { network, parameters } = await lab.momentAt('live');
  const hash = await sha256Hex(safetensorsFromParameters(network, parameters));
  const { seed, step, testAccuracy } = facts;
  const content = writeWorksheet({
    lesson: lesson.id,
    title: lesson.title,
    saved: new Date().toISOString(),
    run: {
      seed,
      settings: linkTo(lab),
      step,
      testAccuracy: testAccuracy === undefined ? undefined : `${(100 * testAccuracy).toFixed(2)} %`,
      parameters: hash,
    },
    steps: lesson.steps.map((one) => answeredStep(one, steps.get(one.id), facts)),
  });
  return new File([content], `${lesson.id}${WORKSHEET_EXTENSION}`, { type: 'application/json' });
}

function answeredStep({ id, title, ask }: LessonStep, saved: StepRecord | undefined, facts: Facts) {
  return {
    id,
    title,
    done: saved?.done ?? false,
    question: ask?.question,
    answer: ask && saved?.answer ? answerText(ask, saved.answer) : undefined,
    shown: ask && saved?.done ? (saved.shown ?? shownText(ask, facts)) : undefined,
  };
}
