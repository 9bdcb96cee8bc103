import { isHidden } from '../context/hidden.ts';
import { useLab } from '../context/LabContext.tsx';
import { panels } from '../panels.tsx';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import { commands } from './commands.ts';
import styles from './HelpDialog.module.css';
import { panelHelp } from './panelHelp.ts';

interface HelpDialogProps {
  onClose: () => void;
  openChecks: () => void;
}

export default function HelpDialog({ onClose, openChecks }: HelpDialogProps) {
  const hidden = useLab((state) => state.hidden);
  const shown = panels.filter(({ id }) => !isHidden(hidden, id));
  return (
    <Dialog title="Help" onClose={onClose}>
      <div className={styles.help}>
        <p>
          Untangle trains a small convolutional network on 60,000 handwritten digits, on this machine, while
          you watch. Press Train. Nothing is installed and nothing leaves the browser. On a first visit the
          panels show a recorded run, until training starts one of your own.
        </p>
        <section>
          <h3>The panels</h3>
          <dl className={styles.panels}>
            {shown.map((panel) => (
              <div key={panel.title}>
                <dt>{panel.title}</dt>
                <dd>{panelHelp[panel.id]}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Color</h3>
          <p>
            Orange is negative, blue is positive, and the neutral tone between them is zero, everywhere. Green
            is the test set: images that the network never trains on.
          </p>
        </section>
        <section>
          <h3>Keys</h3>
          <dl className={styles.keys}>
            {commands.map((command) => (
              <div key={command.id}>
                <dt>
                  <kbd>{command.keyName}</kbd>
                </dt>
                <dd>{command.description}</dd>
              </div>
            ))}
            <div>
              <dt>
                <kbd>Arrows</kbd>
              </dt>
              <dd>In a chart or a grid of images: read it value by value</dd>
            </div>
          </dl>
        </section>
        <section>
          <h3>Scripting</h3>
          <p>
            The buttons call <code>window.lab</code>, and so can you, from the browser's console:
          </p>
          <pre className={styles.code}>
            <code>{script}</code>
          </pre>
          <p>Every call and its options are described in the project's README.</p>
        </section>
        <section>
          <h3>Runs</h3>
          <p>
            Every run is kept in this browser as it trains: a reload or a crash comes back to the last
            checkpoint, and going on gives the same bits as never having stopped. What the panels found is
            kept with it. Runs lists them, to open, name, pin or delete, or to compare: the compared run then
            stands beside the present one in Train, Filters, Geometry and Metamers.
          </p>
        </section>
        <section>
          <h3>Share and export</h3>
          <p>
            Share copies a link that sets a lab up as this one is, and can hide parts of it from a class.
            Export saves the whole run as one file, which goes on where it stood, with what was found, when it
            is dropped on this page; and parameters, activations or a PyTorch notebook.
          </p>
          <p>
            Parameters of the same network trained elsewhere open where they are dropped: what torch.save
            wrote (a .pt or .pth of a state dict, a checkpoint or a whole module), safetensors, and NumPy’s
            .npz. Nothing in a file is executed. Layers with other names are matched by shape, and the page
            says which; a file of another kind is named, with what to do.
          </p>
        </section>
        <section>
          <h3>Can I trust the numbers?</h3>
          <Button onClick={openChecks}>How the numbers are checked</Button>
        </section>
      </div>
    </Dialog>
  );
}

const script = `await lab.ready
await lab.reset({ seed: 111 })
const run = await lab.train({ epochs: 1 })
run.epochs[0].testAccuracy`;
