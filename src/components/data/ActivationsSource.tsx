import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { FileButton } from '../shared/FileButton.tsx';
import { formatBytes, formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './ActivationsSource.module.css';

const SNIPPET = `import numpy as np
import torch

layers = {"layer1": model.layer1, "layer4": model.layer4}  # any modules, by any names
found = {name: [] for name in layers}
for name, layer in layers.items():
    layer.register_forward_hook(
        lambda module, inputs, output, name=name: found[name].append(output.detach().cpu().numpy())
    )

labels = []
with torch.no_grad():
    for images, targets in loader:
        model(images)
        labels.append(targets.numpy())  # numbers or names

arrays = {name: np.concatenate(parts) for name, parts in found.items()}
np.savez("activations.npz", labels=np.concatenate(labels), **arrays)`;

/** Chooses between the page's network and activations from elsewhere, and says how to save them. */
export function ActivationsSource() {
  const { activations } = useLabHandle();
  const { info, shown, problem } = useStore(activations.store);
  const offer = (files: File[]) => void activations.offer(files.map((file) => ({ path: file.name, file })));
  return (
    <div className={styles.source}>
      {info && (
        <div className={styles.row}>
          <ToggleGroup
            label="Source"
            value={shown ? 'activations' : 'network'}
            options={[
              { value: 'network', label: 'This network' },
              { value: 'activations', label: info.name },
            ]}
            onChange={(value) => activations.show(value === 'activations')}
          />
          <span className={styles.about}>
            {formatCount(info.count)} images, {info.layers.length} layers, {info.classNames.length} classes,{' '}
            {formatBytes(info.bytes)}
          </span>
          <Button variant="quiet" onClick={activations.close}>
            Close {info.name}
          </Button>
        </div>
      )}
      {problem && <ErrorNotice message={problem} />}
      <details className={styles.how}>
        <summary>Activations from elsewhere</summary>
        <p>
          Drop a file of another network’s activations here: .npz, .npy or .safetensors, up to 1 GB, with one
          array [images, …] for each layer and an array “labels”. Only the rows that an analysis needs are
          read, and nothing leaves this machine. In PyTorch, save them with forward hooks:
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region takes the focus */}
        <pre className={styles.code} tabIndex={0}>
          <code>{SNIPPET}</code>
        </pre>
        <div className={styles.row}>
          <FileButton
            name="Choose files of activations"
            multiple
            accept=".npz,.npy,.safetensors"
            onFiles={offer}
          >
            Choose activations
          </FileButton>
          <Button onClick={() => void navigator.clipboard?.writeText(SNIPPET)}>Copy the snippet</Button>
        </div>
      </details>
    </div>
  );
}
