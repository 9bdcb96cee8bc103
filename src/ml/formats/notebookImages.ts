import type { InputShape } from '../model/network.ts';
import { pythonLiteral } from './pythonLiteral.ts';

/** A person's own images, in an .npz file beside the notebook. */
export interface NotebookImages {
  name: string;
  /** Name of the file. */
  file: string;
  /** SHA-256 of the images, see `dataHash`. */
  sha256: string;
  classNames: readonly string[];
  input: InputShape;
}

/** The text before the cell that reads the images. @param name the data set's name, as Markdown. */
export function ownDataText(name: string, file: string): string {
  return `## Data

${name}: a person's own images, from the file \`${file}\` beside this notebook. Untangle exports it as the run's images.`;
}

/** Reads the images, and checks that they are the run's. The hash is that of `dataHash`. */
export function ownData({ file, sha256, classNames, input }: NotebookImages): string {
  const { channels, height, width } = input;
  return `needs("torch")
import hashlib

FILE = ${pythonLiteral(file)}
SHA256 = ${pythonLiteral(sha256)}
SHAPE = [${channels}, ${height}, ${width}]
CLASS_NAMES = ${pythonLiteral([...classNames])}

if not Path(FILE).exists():
    raise FileNotFoundError(f"Put {FILE} beside this notebook: Untangle exports it as the run's images.")
arrays = np.load(FILE)
images = {split: arrays[f"x_{split}"].reshape(-1, *SHAPE) for split in ("train", "test")}
labels = {split: arrays[f"y_{split}"] for split in ("train", "test")}


def content_hash():
    """SHA-256 of the shape, the class names, and each part's number of images and own hashes, as JSON."""
    def part(split):
        return [len(labels[split]), *(hashlib.sha256(each[split].tobytes()).hexdigest() for each in (images, labels))]

    content = [SHAPE, CLASS_NAMES, part("train"), part("test")]
    return hashlib.sha256(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


if content_hash() != SHA256:
    raise ValueError(f"Expected the run's images in {FILE}, found others. Export them again from the run.")


def pixels(split, indices=slice(None)):
    """Images as the network sees them: [n, ${channels}, ${height}, ${width}] in [0, 1]."""
    return torch.from_numpy(images[split][indices].astype(np.float32) / 255)`;
}
