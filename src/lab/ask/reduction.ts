/** A person's number, as large as the data allow: data with few images reduce it only for themselves. */
export function createReduction() {
  let reduced: { asked: number; used: number } | undefined;
  const askedOf = (present: number) => (reduced?.used === present ? reduced.asked : present);

  return {
    /** The number that the person asked for, where `present` is that number as other data have reduced it. */
    askedOf,
    /** @param most what the data allow. */
    fit(present: number, most: number, asked = askedOf(present)): { asked: number; used: number } {
      const used = Math.min(asked, most);
      reduced = used < asked ? { asked, used } : undefined;
      return { asked, used };
    },
  };
}
