import checks from '../../../docs/checks.json';
import { Dialog } from '../shared/Dialog.tsx';
import styles from './ChecksDialog.module.css';

interface Row {
  what: string;
  expected: string;
  measured: string;
}

interface Subject {
  title: string;
  how: string;
  /** Files of tests/verify. */
  files: readonly string[];
}

const subjects: readonly Subject[] = [
  {
    title: 'Training',
    how: 'The random stream is PyTorch’s: initial weights and batch orders are compared bit by bit. Every engine makes the same 100 updates as PyTorch in float64, and its losses, gradients and weights are compared step by step; the whole ten epochs of the notebook are run as well. Going on after a pause, a lost GPU or a saved file gives the same bits as never having stopped.',
    files: ['trajectory', 'engines', 'webgpuSuite'],
  },
  {
    title: 'Geometry',
    how: 'Capacity, radius and dimension are compared with the original Python code of the theory, run on the same activations with the same Gaussian vectors; and, without the theory, with the capacity found by trying random dichotomies.',
    files: ['geometry'],
  },
  {
    title: 'Metamers',
    how: 'Losses and images are compared with PyTorch’s after 100 and 1,000 iterations from the same noise. A metamer is called one only if its match lies outside that of 1,225 pairs of different images and the class is the same.',
    files: ['metamers'],
  },
  {
    title: 'Adversarial examples',
    how: 'The sign of every pixel’s gradient is compared with float64, and the number of images that an attack leaves correct with PyTorch’s. Attacks are judged on the exact pixels, and as an 8-bit file would hold them.',
    files: ['adversarial', 'adversarialTraining'],
  },
  {
    title: 'Files and links',
    how: 'Every reader of something from outside is given damaged input of all kinds: it must read it or say what is wrong, in bounded time and memory. Safetensors files come back byte for byte; the exported notebook was run with PyTorch and the original Python code.',
    files: ['fuzz', 'notebook'],
  },
  {
    title: 'Kept runs',
    how: 'The page is reloaded, its worker killed and its GPU lost at random steps of a run: every loss shown before is shown again, and the final weights are those of a run that nothing disturbed, bit by bit.',
    files: ['keep'],
  },
  {
    title: 'Speed',
    how: 'Measured in the page, on the machine that ran the checks.',
    files: ['arrival', 'mainThread', 'timeline'],
  },
];

const measured: Record<string, { date: string; rows: Row[] } | undefined> = checks.files;

/** How each number of the page is checked, and what the checks measured last. */
export default function ChecksDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="How the numbers are checked" onClose={onClose}>
      <p>
        Reference values were measured with PyTorch, scikit-learn and the original manifold code, and lie in
        the project under <code>tests/golden</code>. <code>npm test</code> compares with them;{' '}
        <code>npm run verify</code> does so at full size, and wrote the figures below.
      </p>
      {subjects.map(({ title, how, files }) => (
        <section key={title}>
          <h3>{title}</h3>
          <p>{how}</p>
          <Measurements about={title} files={files} />
        </section>
      ))}
      <section>
        <h3>What is not claimed</h3>
        <p>
          Two engines need not agree in the last bits: sums in another order round otherwise, and training
          magnifies it. One engine gives the same bits every time. The theory behind the geometry assumes many
          manifolds; ten classes are few, so read it as a comparison.
        </p>
      </section>
      <section>
        <h3>What leaves this page</h3>
        <p>
          Nothing. Its Content-Security-Policy lets it fetch from its own address only, and run no code but
          its own.
        </p>
      </section>
    </Dialog>
  );
}

function Measurements({ about, files }: { about: string; files: readonly string[] }) {
  const found = files.flatMap((file) => measured[file] ?? []);
  if (found.length === 0) return <p className={styles.none}>Not measured at full size yet.</p>;
  return (
    // A wide table scrolls; the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region takes the focus
    <section className={styles.scroll} tabIndex={0} aria-label={`${about}, measured`}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Expected</th>
            <th scope="col">Measured</th>
            <th scope="col">On</th>
          </tr>
        </thead>
        <tbody>
          {found.flatMap(({ date, rows }) =>
            rows.map(({ what, expected, measured }) => (
              <tr key={what}>
                <th scope="row">{what}</th>
                <td>{expected}</td>
                <td>{measured}</td>
                <td className={styles.date}>{date}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}
