/** The work's result, or an error that names it when it takes longer than a hang would be told from a busy machine by. */
export async function within<Result>(seconds: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HangError(`${what} did not end in ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** After one, the page is not to be trusted any more. */
export class HangError extends Error {
  override name = 'HangError';
}
