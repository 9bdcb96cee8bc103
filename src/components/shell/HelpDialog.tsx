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
  return (
    <Dialog title="Help" onClose={onClose}>
      <div className={styles.help}>
        <p>
          Untangle trains a neural network on 60,000 handwritten digits on this machine while you watch. Press
          Train. Nothing is installed and nothing leaves the browser. On a first visit the panels show a
          recorded run until you train your own.
        </p>
        <NetworkHelp />
        <PanelsHelp />
        <section>
          <h3>Color</h3>
          <p>
            Orange is negative, blue is positive, and the neutral tone between them is zero, everywhere. Green
            is the test set: images that the network never trains on.
          </p>
        </section>
        <DataHelp />
        <KeysHelp />
        <LessonsHelp />
        <ScriptingHelp />
        <section>
          <h3>Runs</h3>
          <p>
            Every run is saved in this browser as it trains. After a reload or a crash, the page returns to
            the last checkpoint; continuing from there gives the same bits as an uninterrupted run. The
            panels’ results are saved with the run. Use Runs to open, name, pin, delete or compare runs. A
            compared run appears beside the present run in Train, Filters, Geometry and Metamers.
          </p>
        </section>
        <FilesHelp />
        <section>
          <h3>Can I trust the numbers?</h3>
          <Button onClick={openChecks}>How the numbers are checked</Button>
        </section>
      </div>
    </Dialog>
  );
}

/** What each kind of layer does, in the editor's names. */
const layerHelp = [
  [
    'Convolution',
    'Each filter makes one map: at every place the sum of products over a window of all maps before it, plus a bias. “Keep size” adds zeros at the edges.',
  ],
  ['ReLU', 'Values below zero become zero.'],
  ['Max-pool', 'Keeps the largest value of every window.'],
  ['Dropout', 'Sets units to zero at random while training, and does nothing elsewhere.'],
  ['Linear (fc)', 'Each unit is the sum of all inputs times its weights, plus a bias.'],
  [
    'logSoftmax',
    'Turns the logits into log-probabilities. It ends every network, after a linear layer with one unit for each class.',
  ],
] as const;

/** The strip of layers above the panels, and its editor. */
function NetworkHelp() {
  return (
    <section>
      <h3>The network</h3>
      <p>
        The strip above the panels shows the network: the image, then a box for every layer with its shape and
        its number of parameters. A bluer fill means a larger mean activation for the image; a darker line
        means a larger mean weight. Click a layer to see it in Filters, Activations, Spectrum, Geometry and
        Metamers. “Edit network” builds another network from a preset, from a text or layer by layer; each row
        shows the layer’s output and any fault. Apply begins a new run, and Undo returns to the run before.
      </p>
      <dl className={styles.panels}>
        {layerHelp.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p>
        A step of training takes time in proportion to the multiply-adds that the editor shows: LeNet needs
        about as many as the notebook’s network, PyTorch’s example 29 times as many. A snapshot takes 4 bytes
        a parameter. Geometry shows each layer’s time beside its name, Spectrum on its button; each iteration
        of a metamer takes a forward and a backward pass.
      </p>
    </section>
  );
}

/** The panels shown, with the help of each. */
function PanelsHelp() {
  const hidden = useLab((state) => state.hidden);
  const shown = panels.filter(({ id }) => !isHidden(hidden, id));
  return (
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
  );
}

/** The keys, from the commands. */
function KeysHelp() {
  return (
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
          <dd>Read a chart or a grid of images value by value</dd>
        </div>
      </dl>
    </section>
  );
}

/** Other data than MNIST. */
function DataHelp() {
  return (
    <section>
      <h3>Your own data</h3>
      <p>
        Drop images anywhere, or choose them in Train: pictures in one folder (or .zip) for each class,
        NumPy’s .npz, CSV, IDX or CIFAR-10’s batches, gray or color, of 8 to 64 pixels a side, in 2 to 100
        classes. A preview shows what was found before you take the images. Drop the activations of any other
        network (.npz, .npy or .safetensors) for Spectrum and Geometry. The files stay on this machine.
      </p>
    </section>
  );
}

/** Lessons, worksheets and frames. */
function LessonsHelp() {
  return (
    <section>
      <h3>Learn and teach</h3>
      <p>
        Learn, the open book in the header, has six lessons of 10 to 20 minutes that run on this lab. You make
        a prediction, and then a run shows the answer. When you leave a lesson, your own lab comes back. At
        the end of a lesson, “Save worksheet” saves your answers with the run’s settings for a teacher, who
        can make a table of many worksheets with <code>npx untangle worksheet</code>. A link with{' '}
        <code>lesson=capacity</code> opens a lesson, and a link with <code>embed=filters</code> shows only one
        panel, for a frame of another page.
      </p>
    </section>
  );
}

/** A first script. */
function ScriptingHelp() {
  return (
    <section>
      <h3>Scripting</h3>
      <p>
        The buttons call <code>window.lab</code>, which you can also call from the browser's console:
      </p>
      <pre className={styles.code}>
        <code>{script}</code>
      </pre>
      <p>Every call and its options are described in the project's README.</p>
    </section>
  );
}

/** Links, run files and parameters. */
function FilesHelp() {
  return (
    <section>
      <h3>Share and export</h3>
      <p>
        Share copies a link to a lab with the same setup, and can hide parts of the page, for example from a
        class. Export saves the whole run, with its results, as one file; drop the file on this page to
        continue where the run stopped. Export also saves parameters, activations or a PyTorch notebook.
      </p>
      <p>
        You can also drop parameters of the same network trained elsewhere: files from torch.save (a .pt or
        .pth with a state dict, a checkpoint or a whole module), safetensors, and NumPy’s .npz. Nothing in a
        file is executed. Layers with other names are matched by shape, and the page lists the matches. For
        other formats, the page names the format and says how to convert the file.
      </p>
    </section>
  );
}

const script = `await lab.ready
await lab.reset({ seed: 111 })
const run = await lab.train({ epochs: 1 })
run.epochs[0].testAccuracy`;
