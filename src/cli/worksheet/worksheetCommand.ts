import { readFile } from 'node:fs/promises';
import { messageOf } from '../../ml/callError.ts';
import { readWorksheet, type Worksheet } from '../../ml/formats/worksheet.ts';
import { type Command, EXIT, type Host } from '../frame/command.ts';
import type { GivenOptions } from '../frame/options.ts';
import { alignedTable, destinationsOf, OUTPUT_OPTIONS, type Report, writeReport } from '../frame/output.ts';
import { UsageError } from '../frame/usageError.ts';

const LARGEST = 2 ** 20;

/** A worksheet and its file's name, which usually contains the student's name. */
interface Handed {
  file: string;
  sheet: Worksheet;
}

export const worksheetCommand: Command = {
  name: 'worksheet',
  summary: 'the answers, settings and run of lessons that students saved',
  usage: 'FILE [FILE ...] [OPTIONS]',
  options: OUTPUT_OPTIONS,
  notes: [
    'FILE is a worksheet saved at the end of a lesson. Several files give one table, one row for each step.',
    'Two worksheets with the same hash of parameters are about the same run, bit for bit.',
    '',
    'Example:',
    '  untangle worksheet class/*.json --out answers.csv',
  ],
  run: runWorksheet,
};

async function runWorksheet(given: GivenOptions, host: Host): Promise<number> {
  const destinations = destinationsOf(given);
  if (given.positionals.length === 0) throw given.fault('expected at least one worksheet, found none');
  const handed: Handed[] = [];
  for (const file of given.positionals) handed.push({ file, sheet: await readSheet(file) });
  await writeReport(worksheetReport(handed), destinations, host);
  return EXIT.done;
}

async function readSheet(file: string): Promise<Worksheet> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`);
  }
  if (bytes.length > LARGEST) {
    throw new UsageError(`${file}: expected a worksheet of at most 1 MB, found ${bytes.length} bytes`);
  }
  try {
    return readWorksheet(bytes.toString('utf8'), file);
  } catch (error) {
    throw new UsageError(`${messageOf(error)}. Give a file that a lesson’s “Save worksheet” made.`);
  }
}

function worksheetReport(handed: readonly Handed[]): Report {
  return {
    table: () => handed.map(tableOf).join('\n'),
    json: () => ({ worksheets: handed.map(({ file, sheet }) => ({ file, ...sheet })) }),
    csv: () => [
      ['file', 'lesson', 'seed', 'step', 'test_accuracy', 'parameters', 'part', 'done', 'answer', 'shown'],
      ...handed.flatMap(({ file, sheet: { lesson, run, steps } }) =>
        steps.map(({ id, done, answer, shown }) => [
          ...[file, lesson, run.seed, run.step, run.testAccuracy, run.parameters, id],
          ...[done ? 'yes' : 'no', answer, shown],
        ]),
      ),
    ],
  };
}

function tableOf({ file, sheet: { title, saved, run, steps } }: Handed): string {
  const rows = steps.map(({ title, done, answer = '', shown = '' }) => [
    title,
    done ? 'yes' : 'no',
    answer,
    shown,
  ]);
  const accuracy = run.testAccuracy === undefined ? '' : `, test accuracy ${run.testAccuracy}`;
  return `${file}: “${title}”, saved ${saved}
seed ${run.seed}, step ${run.step}${accuracy}, parameters ${run.parameters.slice(0, 12)}…
${run.settings}

${alignedTable([['step', 'done', 'answer', 'the run showed'], ...rows])}
`;
}
