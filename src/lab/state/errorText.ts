import { CallError, messageOf } from '../../ml/callError.ts';

/** An error's message as a sentence. */
export function sentenceOf(error: unknown): string {
  return sentence(messageOf(error));
}

/** A text that begins with a capital letter, or with a file's or a parameter's name as it is. */
export function sentence(text: string): string {
  if (/^[^\s.]+\.\w/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An error's message, prefixed with the setting or function that it is about. */
export function placedMessageOf(error: unknown): string {
  return error instanceof CallError ? String(error) : messageOf(error);
}
