/** An error's message for people: errors start with their function's name, which is for programmers. */
export function plainMessage(message: string): string {
  const plain = message.replace(/^[a-z][A-Za-z0-9]*: (?=\S)/, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
