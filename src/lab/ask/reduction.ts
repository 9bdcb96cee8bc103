/** Reduces a number to the largest that the data allow, and remembers the number that the person asked for, for later data. */
export function createReduction() {
  let reduced: { asked: number; used: number } | undefined;
  const askedOf = (present: number) => (reduced?.used === present ? reduced.asked : present);

  return {
    /** The number that the person asked for, where `present` is that number as other data have reduced it. */
    askedOf,
    /** @param most the largest number that the data allow. */
    fit(present: number, most: number, asked = askedOf(present)): { asked: number; used: number } {
      const used = Math.min(asked, most);
      reduced = used < asked ? { asked, used } : undefined;
      return { asked, used };
    },
  };
}
