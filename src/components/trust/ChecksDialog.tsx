import checks from '../../../docs/checks.json';
import { Dialog } from '../shared/Dialog.tsx';
import { Table } from '../shared/Table.tsx';
import styles from './ChecksDialog.module.css';
import { subjects } from './checkSubjects.ts';

interface Row {
  what: string;
  expected: string;
  measured: string;
}

const measured: Record<string, { date: string; rows: Row[] } | undefined> = checks.files;

/** How each number on the page is checked, and the latest measurements of the checks. */
export default function ChecksDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="How the numbers are checked" onClose={onClose}>
      <p>
        Reference values were computed with PyTorch, scikit-learn and the original manifold code, and are
        stored in the project under <code>tests/golden</code>. <code>npm test</code> compares with them;{' '}
        <code>npm run verify</code> does so at full size and produced the figures below.
      </p>
      {subjects.map(({ title, claims, files }) => (
        <section key={title}>
          <h3>{title}</h3>
          <p>{claims.map(({ text }) => text).join(' ')}</p>
          <Measurements about={title} files={files} />
        </section>
      ))}
      <section>
        <h3>What is not claimed</h3>
        <p>
          Two engines need not agree in the last bits, because sums in a different order round differently and
          training magnifies the difference. One engine gives the same bits every time. The theory behind the
          geometry assumes many manifolds. Ten classes are few, so the theory’s capacity lies above the
          measured one; use it for comparisons.
        </p>
      </section>
      <section>
        <h3>What leaves this page</h3>
        <p>
          Nothing. The page’s Content-Security-Policy allows requests to its own address only, and no code but
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
    <Table label={`${about}, measured`} lines="above" className={styles.measurements}>
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
    </Table>
  );
}
