// A score that moves about the bound of 65, day by day.
const SCORES = [58, 61, 64, 66, 64, 65, 63, 67, 64, 62, 66, 70, 68, 64, 61, 63, 66, 64, 62, 61, 59, 57, 60, 58];
const STAGES = [{ name: "PQL", at_least: 65 }, { name: "Warm" }];

export default {
  title: "Stages with and without a margin",
  description:
    "A score that moves about the bound of 65 for 24 days. Without a margin the stage changes many times. With a margin of 5 a workspace that has " +
    "become a PQL stays one until its score is below 60, so its stage changes twice.",

  plot({ Plot, plg, colours }) {
    const stages = (margin) => {
      const model = new plg.LevelsStageModel({ stages: STAGES, stage_margin: margin });
      let previous = null;
      return SCORES.map((score, index) => {
        const stage = model.scoreStage(score, previous, null);
        const changed = previous !== null && previous !== stage;
        previous = stage;
        return { day: index + 1, stage, changed };
      });
    };
    const rows = [0, 5].map((margin, index) => ({ margin, y: 51 - 4 * index, days: stages(margin) }));
    return {
      height: 400,
      marginLeft: 50,
      marginRight: 110,
      marginBottom: 45,
      x: { label: "day", domain: [0.5, 24.5], ticks: [1, 8, 15, 22] },
      y: { label: "score", domain: [44, 72], ticks: [55, 60, 65, 70] },
      color: { domain: ["PQL", "Warm"], range: [colours[1], colours[4]] },
      marks: [
        Plot.ruleY([65], { stroke: colours[1], strokeWidth: 1.5 }),
        Plot.ruleY([60], { stroke: colours[1], strokeDasharray: "4 3" }),
        Plot.text([[24.5, 65, "65: a PQL"], [24.5, 60, "60: no longer"]], { x: "0", y: "1", text: "2", textAnchor: "start", dx: 6, fill: colours[1], fontWeight: 600 }),
        Plot.line(SCORES, { x: (_, index) => index + 1, y: (score) => score, stroke: "currentColor", strokeWidth: 2 }),
        Plot.dot(SCORES, { x: (_, index) => index + 1, y: (score) => score, fill: "currentColor", r: 2.5 }),
        rows.map(({ margin, y, days }) => [
          Plot.rect(days, { x1: (d) => d.day - 0.5, x2: (d) => d.day + 0.5, y1: y - 1.1, y2: y + 1.1, fill: "stage", insetLeft: 0.5, insetRight: 0.5 }),
          Plot.text([days.filter((d) => d.changed).length], {
            x: 24.5, y, dx: 6, textAnchor: "start", text: (changes) => `${changes} changes`,
          }),
          Plot.text([`stage with a margin of ${margin}: PQL or Warm`], { x: 0.5, y: y + 2.1, textAnchor: "start", text: (d) => d }),
        ]),
      ].flat(2),
    };
  },
};
