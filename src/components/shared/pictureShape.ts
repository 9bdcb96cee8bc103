import type { InputShape } from '../../ml/model/network.ts';
import { useLab } from '../context/LabContext.tsx';

/** The names of a color image's channels, in order. */
export const CHANNEL_NAMES = ['red', 'green', 'blue'] as const;

/** The shape of pictures of this many values: the network's input shape, or else a gray square. */
export function pictureShape(length: number, input: InputShape): InputShape {
  if (length === input.channels * input.height * input.width) return input;
  const side = Math.round(Math.sqrt(length));
  return { channels: 1, height: side, width: side };
}

export function usePictureShape(length: number): InputShape {
  const input = useLab((state) => state.network.input);
  return pictureShape(length, input);
}
