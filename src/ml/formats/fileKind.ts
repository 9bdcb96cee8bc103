/** Recognizes a file's kind by its first bytes, because names and extensions are unreliable. */
export type FileKind =
  | { kind: 'archive' | 'pickle' | 'safetensors' }
  /** A recognized format that cannot be used here. The text names the format and says what to do. */
  | { kind: 'foreign'; message: string };

/** The number of leading bytes that `fileKind` needs. */
export const HEAD_BYTES = 512;

const STATE_DICT =
  'In PyTorch, save the parameters with torch.save(model.state_dict(), "mnist_cnn.pt"), and open that file.';
const FROM_KERAS =
  'Its layers are laid out in another order than PyTorch’s. Rebuild the network in PyTorch, copy the parameters into it, and save them with torch.save(model.state_dict(), "mnist_cnn.pt").';
const UNPACK = 'Unpack it first, and open the file inside.';

/** Signatures of recognized formats that cannot be used here. */
const FOREIGN: readonly { begin: string; at?: number; message: string }[] = [
  {
    begin: 'version https://git-lfs',
    message:
      'This is a Git LFS pointer: a note of 130 bytes that stands for the file. Fetch the file itself with “git lfs pull”, or download it from the repository’s page.',
  },
  {
    begin: '\x89HDF\r\n\x1a\n',
    message: `This is an HDF5 file (.h5), as Keras and MATLAB write them. ${FROM_KERAS}`,
  },
  {
    begin: '\x93NUMPY',
    message:
      'This is one NumPy array (.npy). Save all parameters together: numpy.savez("parameters.npz", **arrays), by their names in PyTorch.',
  },
  { begin: 'TFL3', at: 4, message: `This is a TensorFlow Lite model. ${FROM_KERAS}` },
  { begin: 'GGUF', message: `This is a language model’s file (GGUF). ${STATE_DICT}` },
  { begin: 'MATLAB 5.0', message: `This is a MATLAB file. ${STATE_DICT}` },
  { begin: '\x1f\x8b', message: `This file is packed with gzip. ${UNPACK}` },
  { begin: 'BZh', message: `This file is packed with bzip2. ${UNPACK}` },
  { begin: '\xfd7zXZ', message: `This file is packed with xz. ${UNPACK}` },
  { begin: '7z\xbc\xaf\x27\x1c', message: `This is a 7z archive. ${UNPACK}` },
  { begin: 'Rar!', message: `This is a RAR archive. ${UNPACK}` },
  { begin: 'ustar', at: 257, message: `This is a tar archive. ${UNPACK}` },
  // A SavedModel begins with its version, 1, followed by the first graph.
  { begin: '\x08\x01\x12', message: `This is a TensorFlow model (.pb). ${FROM_KERAS}` },
];

/** Fields of ONNX's ModelProto that can follow its version: strings, numbers and the graph. */
const ONNX_FIELDS = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42];
const ONNX_NEWEST_VERSION = 30;

/** Returns undefined if the bytes belong to no file of parameters or runs, for example to a picture. */
export function fileKind(head: Uint8Array): FileKind | undefined {
  const begins = (text: string, at = 0) =>
    head.length >= at + text.length && [...text].every((letter, i) => head[at + i] === letter.charCodeAt(0));
  if (begins('PK\x03\x04') || begins('PK\x05\x06')) return { kind: 'archive' };
  if (head[0] === 0x80 && head[1] >= 1 && head[1] <= 5) return { kind: 'pickle' };
  const foreign = FOREIGN.find(({ begin, at }) => begins(begin, at));
  if (foreign) return { kind: 'foreign', message: foreign.message };
  if (isSafetensors(head)) return { kind: 'safetensors' };
  if (head[0] === 8 && head[1] <= ONNX_NEWEST_VERSION && ONNX_FIELDS.includes(head[2])) {
    return {
      kind: 'foreign',
      message: `This is an ONNX model, which holds a graph of operations and not PyTorch’s parameters. ${STATE_DICT}`,
    };
  }
  return textKind(new TextDecoder().decode(head).trimStart());
}

/** A safetensors file begins with its header's length, followed by the header: a JSON object. */
function isSafetensors(head: Uint8Array): boolean {
  return head.length > 8 && head[6] === 0 && head[7] === 0 && head[5] === 0 && head[8] === 0x7b;
}

function textKind(text: string): FileKind | undefined {
  if (text.startsWith('{')) return { kind: 'foreign', message: jsonMessage(text) };
  // Pickle protocol 0 is text: a mark and a container, or a global, soon followed by a memo operation.
  if (/^(\([dlit]|[}\]]|c[\w.]+\n\w+\n)[pq(]/.test(text)) return { kind: 'pickle' };
  return undefined;
}

function jsonMessage(text: string): string {
  if (/"(modelTopology|weightsManifest|layers-model|graph-model)"/.test(text)) {
    return `This is a TensorFlow.js model (model.json). ${FROM_KERAS}`;
  }
  if (/"(cells|nbformat)"/.test(text)) {
    return 'This is a Jupyter notebook. Run it, and open the file of parameters that it saves (models/mnist_cnn.pt).';
  }
  return `This is a JSON file, and no file of parameters or runs. ${STATE_DICT}`;
}
