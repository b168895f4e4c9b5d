const UNITS = Array.from({ length: 300 }, (_, index) => `user-${index}`);
const COVERAGES = [0.2, 0.5, 1];

export default {
  title: "A roll-out that moves nobody",
  description:
    "300 users, each at its number between 0 and 1, in an experiment of two equal variants that takes in 20 %, then 50 %, then all. Variant 0 grows from 0 to the right, " +
    "variant 1 from 0.5 to the right. Whoever has a variant keeps it. Rings have none yet.",

  plot({ Plot, plg, colours }) {
    const rows = COVERAGES.flatMap((coverage) =>
      UNITS.map((unit, index) => ({
        row: `${100 * coverage} %`,
        bucket: plg.cohortBucket(unit, "tour", "growthbook"),
        lane: index % 11,
        variant: plg.cohortRollout(unit, "tour", [0.5, 0.5], coverage, null, "growthbook"),
      }))
    );
    const named = (variant) => `variant ${variant}`;
    const counts = COVERAGES.flatMap((coverage) => {
      const label = `${100 * coverage} %`;
      return [[0, 0.25], [1, 0.75]].map(([variant, x]) => {
        const found = rows.filter((row) => row.row === label && row.variant === variant).length;
        return { row: label, x, text: `${found} users have variant ${variant}`, variant: named(variant) };
      });
    });
    return {
      height: 400,
      marginLeft: 70,
      marginBottom: 45,
      marginTop: 25,
      fy: { label: "coverage", domain: COVERAGES.map((coverage) => `${100 * coverage} %`), axis: "left", padding: 0.12 },
      x: { label: "cohort_bucket", domain: [0, 1], ticks: 10 },
      y: { axis: null, domain: [-1, 14] },
      color: { domain: ["variant 0", "variant 1"], range: [colours[0], colours[1]] },
      marks: [
        Plot.dot(rows.filter((row) => row.variant === null), { fy: "row", x: "bucket", y: "lane", r: 2.2, stroke: colours[4], strokeOpacity: 0.6 }),
        Plot.dot(rows.filter((row) => row.variant !== null), { fy: "row", x: "bucket", y: "lane", r: 2.8, fill: (row) => named(row.variant) }),
        Plot.text(counts, { fy: "row", x: "x", y: 13, text: "text", fill: "variant", fontWeight: 600 }),
        Plot.ruleX([0.5], { strokeOpacity: 0.4 }),
      ],
    };
  },
};
