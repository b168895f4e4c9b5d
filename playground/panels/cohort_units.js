// Units in variants: what the cohort functions say of every unit, and of a roll-out step by step.

/** How many bars a distribution has. */
export const BINS = 20;

/** The units of a text, one a line or separated by commas, each once, in their order. */
export function parseUnits(text) {
  return [...new Set(text.split(/[\n,;\t]/).map((unit) => unit.trim()).filter((unit) => unit !== ""))];
}

/**
 * Assigns every unit: `{problem}` with the argument that the functions refuse, else `{units}` with, for each, its number of the
 * standard, whether it is in the namespace's range, and its variant (null for none).
 */
export function assign(plg, { units, seed, method, variants, coverage, namespace }) {
  const weights = variants.map((variant) => variant.weight);
  try {
    const assigned = units.map((unit) => {
      const isIn = !namespace || plg.cohortInNamespace(unit, namespace.name, namespace.start, namespace.end);
      const variant = isIn ? plg.cohortRollout(unit, seed, weights, coverage, null, method) : null;
      return { unit, number: plg.cohortBucket(unit, seed, method), isIn, variant };
    });
    return { units: assigned };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error) {
  const found = /^plg\.\w+: ([^:\s]+): ([\s\S]*)$/.exec(error.message);
  return found ? { argument: found[1], message: found[2] } : { argument: "", message: error.message };
}

/** How many units each variant has, and how many have none; `expected` is what the weights promise. */
export function counts(assigned, { variants, coverage, namespace }) {
  const share = (namespace ? namespace.end - namespace.start : 1) * coverage;
  const rows = variants.map(({ name, weight }, index) => ({
    name,
    count: assigned.filter((unit) => unit.variant === index).length,
    expected: assigned.length * share * weight,
  }));
  return { rows, none: assigned.filter((unit) => unit.variant === null).length };
}

/** The bins of the standard's number: for each its bounds, and how many units of each variant, and of none, it holds. */
export function distribution(assigned, { method, variants }) {
  const bins = Array.from({ length: BINS }, (_, index) => {
    const width = method === "unleash" ? 100 / BINS : 1 / BINS;
    const from = method === "unleash" ? index * width + 1 : index / BINS;
    const to = method === "unleash" ? (index + 1) * width : (index + 1) / BINS;
    return { from, to, counts: new Array(variants.length + 1).fill(0) };
  });
  for (const { number, variant } of assigned) {
    // Whole steps: Unleash counts from 1 to 100, GrowthBook in 1/10000.
    const step = method === "unleash" ? (number - 1) * 100 : Math.round(number * 10_000);
    const bin = bins[Math.min(BINS - 1, Math.floor((step * BINS) / 10_000))];
    bin.counts[variant ?? variants.length] += 1;
  }
  return bins;
}

/**
 * A roll-out in steps of coverage: for each step how many units every variant has, how many joined since the step before, and how
 * many that were in have left or changed their variant. The last is counted, not promised.
 */
export function rollOut(plg, settings, steps) {
  let before = null;
  return steps.map((coverage) => {
    const { units } = assign(plg, { ...settings, coverage });
    const taken = settings.variants.map((_, index) => units.filter((unit) => unit.variant === index).length);
    let joined = 0;
    let moved = 0;
    for (const [index, { variant }] of units.entries()) {
      const earlier = before ? before[index].variant : null;
      if (earlier === null && variant !== null) joined += 1;
      else if (earlier !== null && variant !== earlier) moved += 1;
    }
    before = units;
    return { coverage, taken, joined, moved };
  });
}

/** For every unit the first whole per cent of coverage at which it is in, null if it never is: {unit, joins, variant}. */
export function joins(plg, settings) {
  const { units } = assign(plg, { ...settings, coverage: 1 });
  const weights = settings.variants.map((variant) => variant.weight);
  return units.map(({ unit, variant }) => {
    if (variant === null) return { unit, joins: null, variant };
    // Nobody leaves when the coverage grows, so the first step can be searched for by halves.
    let out = -1;
    let isIn = 100;
    while (isIn - out > 1) {
      const middle = (isIn + out) >> 1;
      if (plg.cohortRollout(unit, settings.seed, weights, middle / 100, null, settings.method) === null) out = middle;
      else isIn = middle;
    }
    return { unit, joins: isIn, variant };
  });
}
