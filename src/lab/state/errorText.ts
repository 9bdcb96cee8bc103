export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error's message without the name of the function that found it, for people. */
export function sentenceOf(error: unknown): string {
  const text = messageOf(error).replace(/^\w+: /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
