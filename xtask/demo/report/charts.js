// Draws each figure of the page from the data in it. Colours are the page's own, so that charts follow its scheme without being drawn anew.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const quiet = "var(--quiet)";
  const percent = (share) => `${Math.round(share * 100)}%`;
  const utcDay = d3.utcFormat("%-d %b");

  const common = (width) => ({ width, className: "plot", style: { fontSize: "12px" } });
  const heat = (stages, stage) =>
    `var(--heat-${Math.round((stages.indexOf(stage) * 4) / Math.max(stages.length - 1, 1))})`;
  const plural = (number, noun) => `${number} ${number === 1 ? noun.replace(/s$/, "") : noun}`;

  // Moves labels apart that would overlap: `entries` with a `y` in pixels, the highest on the page first.
  function dodge(entries, gap, bottom) {
    entries.sort((a, b) => a.y - b.y);
    for (let i = 1; i < entries.length; i++) entries[i].y = Math.max(entries[i].y, entries[i - 1].y + gap);
    for (let i = entries.length - 1, limit = bottom; i >= 0; i--, limit = entries[i + 1].y - gap) {
      entries[i].y = Math.min(entries[i].y, limit);
    }
    return entries;
  }

  // How many have which score: a bar per bin from zero, the stages' thresholds as lines.
  function histogram({ bins, stages, thresholds, what }, width) {
    const height = 260;
    return Plot.plot({
      ...common(width),
      height,
      marginTop: 16 + 15 * thresholds.length,
      marginLeft: 40,
      marginRight: 10,
      marginBottom: 38,
      x: { domain: [0, 100], label: "score", labelArrow: "none", ticks: 6 },
      y: {
        label: what,
        labelArrow: "none",
        grid: true,
        nice: true,
        ticks: 5,
        tickFormat: (n) => (Number.isInteger(n) ? d3.format(",")(n) : ""),
      },
      marks: [
        Plot.rectY(bins, {
          x1: "low",
          x2: "high",
          y: "count",
          fill: (bin) => heat(stages, bin.stage),
          inset: 0.5,
          title: (bin) => `${bin.low} to ${bin.high} points\n${bin.stage}: ${plural(bin.count, what)}`,
          tip: true,
        }),
        Plot.ruleY([0], { stroke: quiet }),
        Plot.ruleX(thresholds, { x: "at_least", stroke: quiet, strokeDasharray: "3 3" }),
        // Thresholds lie close together: each label has a line of its own, its end at the threshold.
        ...thresholds.map((threshold, place) =>
          Plot.text([threshold], {
            x: "at_least",
            frameAnchor: "top",
            dy: -8 - 15 * (thresholds.length - 1 - place),
            textAnchor: "end",
            text: ({ stage, at_least }) => `${stage} from ${at_least} `,
            fill: "var(--text)",
          }),
        ),
      ],
    });
  }

  // Workspaces by stage at each moment as a bar, the hottest on top, and bands for those that go from one bar to the next.
  function flow({ moves, stages }, width) {
    const half = width < 500 ? 3 : 5;
    const height = 340,
      margin = { top: 12, right: 104, bottom: 34, left: 8 };
    const times = [...new Set(moves.map((move) => move.at))].sort();
    const at = new Map(times.map((time) => [time, new Date(time)]));
    const order = (stage) => stages.indexOf(stage);
    const inStage = (time, stage) =>
      d3.sum(
        moves.filter((move) => move.at === time && move.to === stage),
        (move) => move.workspaces,
      );
    const bars = [],
      foot = new Map();
    for (const time of times) {
      let sum = 0;
      for (const stage of stages) {
        const workspaces = inStage(time, stage);
        foot.set(`${time} ${stage}`, sum);
        if (workspaces > 0) bars.push({ time, stage, workspaces, y1: sum, y2: sum + workspaces });
        sum += workspaces;
      }
    }
    const last = times.at(-1),
      most = d3.max(bars, (bar) => bar.y2);
    const x = d3.scaleUtc(d3.extent(at.values()), [margin.left + 8, width - margin.right - 8]);
    const y = d3.scaleLinear([0, most], [height - margin.bottom, margin.top]);
    if (times.length === 1) x.range([margin.left + 8, margin.left + 8]);
    // Bands leave and arrive in the order of the other side, so that few of them cross.
    const bands = [];
    times.slice(1).forEach((time, i) => {
      const before = times[i];
      const through = moves.filter((move) => move.at === time && move.from !== null && move.to !== null);
      const left = new Map(),
        arrived = new Map();
      // Where a band starts or ends: above those of its stage that came before it.
      const place = (taken, moment, stage, workspaces) => {
        const above = taken.get(stage) ?? 0;
        taken.set(stage, above + workspaces);
        return foot.get(`${moment} ${stage}`) + above;
      };
      const between = through.map((move) => ({ ...move, before }));
      for (const band of d3.sort(
        between,
        (a) => order(a.from),
        (a) => order(a.to),
      )) {
        band.start = place(left, before, band.from, band.workspaces);
      }
      for (const band of d3.sort(
        between,
        (a) => order(a.to),
        (a) => order(a.from),
      )) {
        band.end = place(arrived, time, band.to, band.workspaces);
      }
      bands.push(...between);
    });
    const ends = bands.flatMap((band, z) => [
      { z, x: x(at.get(band.before)) + half, y1: y(band.start), y2: y(band.start + band.workspaces), band },
      { z, x: x(at.get(band.at)) - half, y1: y(band.end), y2: y(band.end + band.workspaces), band },
    ]);
    const labels = dodge(
      bars.filter((bar) => bar.time === last).map((bar) => ({ ...bar, y: (y(bar.y1) + y(bar.y2)) / 2 })),
      15,
      height - margin.bottom - 4,
    );
    // A date needs some 46 pixels; the last always has its own, the others where they do not touch it.
    const dated = [];
    for (const time of [last, ...times.slice(0, -1)]) {
      if (dated.every((other) => Math.abs(x(at.get(other)) - x(at.get(time))) >= 46)) dated.push(time);
    }
    const told = (bar) => `${utcDay(at.get(bar.time))}\n${bar.stage}: ${plural(bar.workspaces, "workspaces")}`;
    return Plot.plot({
      ...common(width),
      height,
      margin: 0,
      x: { axis: null, type: "identity" },
      y: { axis: null, type: "identity" },
      marks: [
        Plot.areaY(ends, {
          x: "x",
          y1: "y1",
          y2: "y2",
          z: "z",
          curve: "bump-x",
          fill: (end) => heat(stages, end.band.from),
          fillOpacity: 0.35,
        }),
        Plot.rect(bars, {
          x1: (bar) => x(at.get(bar.time)) - half,
          x2: (bar) => x(at.get(bar.time)) + half,
          y1: (bar) => y(bar.y1),
          y2: (bar) => y(bar.y2),
          fill: (bar) => heat(stages, bar.stage),
          insetTop: 0.5,
          insetBottom: 0.5,
          title: told,
          tip: true,
        }),
        Plot.text(labels, {
          x: x(at.get(last)) + 12,
          y: "y",
          text: (bar) => `${bar.workspaces} ${bar.stage}`,
          textAnchor: "start",
          fill: "var(--text)",
        }),
        Plot.text(dated, {
          x: (time) => Math.max(x(at.get(time)), margin.left + 18),
          y: height - margin.bottom + 12,
          text: (time) => utcDay(at.get(time)),
          fill: quiet,
        }),
        Plot.ruleY([height - margin.bottom], { x1: margin.left, x2: width - margin.right, stroke: quiet }),
      ],
    });
  }

  // The share that reached each step: a bar per cohort from 0 to 100%, with its interval, below the step's name.
  function funnel({ bars }, width) {
    const steps = [...new Set(bars.map((bar) => bar.step))],
      cohorts = [...new Set(bars.map((bar) => bar.cohort))];
    const alone = cohorts.length === 1;
    // A row above the bars of a step, for its name: a text that no cohort can have, since these are trimmed.
    const title = " ";
    const shown = bars.map((bar) => ({ ...bar, rate: bar.rate ?? 0 }));
    const longest = d3.max(cohorts, (cohort) => cohort.length);
    const row = { fy: "step", y: "cohort" };
    const told = (bar) => {
      const range = bar.low === null ? "" : `\n95% interval: ${percent(bar.low)} to ${percent(bar.high)}`;
      return `${bar.step}${alone ? "" : `, ${bar.cohort}`}\n${bar.reached} of ${bar.entered}: ${percent(bar.rate)}${range}`;
    };
    return Plot.plot({
      ...common(width),
      height: 30 + steps.length * (cohorts.length + 1) * 24,
      marginLeft: alone ? 8 : Math.min(12 + longest * 7, width / 3),
      marginRight: 76,
      marginTop: 4,
      marginBottom: 26,
      x: { domain: [0, 1] },
      y: { axis: null, domain: [title, ...cohorts], padding: 0.2 },
      fy: { axis: null, domain: steps, padding: 0 },
      marks: [
        Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks: 5 }),
        Plot.text(steps, {
          fy: (step) => step,
          y: () => title,
          x: 0,
          text: (step) => step,
          textAnchor: "start",
          dx: 2,
          dy: 3,
          fontWeight: 600,
          fill: "var(--text)",
          stroke: "var(--panel)",
          strokeWidth: 6,
        }),
        Plot.barX(shown, { ...row, x: "rate", fill: "var(--accent-soft)", title: told, tip: true }),
        Plot.link(
          shown.filter((bar) => bar.low !== null),
          { fy: "step", x1: "low", x2: "high", y1: "cohort", y2: "cohort", stroke: "var(--accent)", strokeWidth: 2 },
        ),
        Plot.text(shown, {
          ...row,
          x: 1,
          dx: 8,
          textAnchor: "start",
          text: (bar) => `${bar.reached} of ${bar.entered}`,
          fill: "var(--text)",
        }),
        alone
          ? null
          : Plot.text(shown, {
              ...row,
              x: 0,
              dx: -6,
              textAnchor: "end",
              text: "cohort",
              fill: quiet,
              lineWidth: width / 3 / 12,
              textOverflow: "ellipsis",
            }),
        Plot.axisX({ ticks: 5, tickFormat: percent, color: quiet, label: null }),
        Plot.ruleX([0], { stroke: quiet }),
      ],
    });
  }

  // The share that has got there, by days: a line of steps per cohort, its name at its end; older cohorts are quieter.
  function curves({ lines }, width) {
    const height = 260,
      marginTop = 12,
      marginBottom = 36,
      marginRight = 64;
    const cohorts = [...new Set(lines.map((line) => line.cohort))].sort();
    const colour = (cohort) => `var(--age-${Math.round(((cohorts.indexOf(cohort) + 1) * 5) / cohorts.length)})`;
    const longest = Math.max(
      7,
      d3.max(lines, (line) => line.day),
    );
    const y = d3.scaleLinear([0, 1], [height - marginBottom, marginTop]);
    const ends = cohorts.map((cohort) => lines.filter((line) => line.cohort === cohort).at(-1));
    // Labels stand right of everything, so that no line runs through them.
    const labels = dodge(
      ends.map((end) => ({ ...end, y: y(end.share) })),
      15,
      height - marginBottom,
    );
    return Plot.plot({
      ...common(width),
      height,
      marginTop,
      marginBottom,
      marginLeft: 40,
      marginRight,
      x: {
        domain: [0, longest],
        label: "days since creation",
        labelArrow: "none",
        ticks: d3.range(0, longest + 1, longest > 28 ? 14 : 7),
      },
      y: { domain: [0, 1], tickFormat: percent, ticks: 5, grid: true, label: null },
      marks: [
        Plot.ruleY([0], { stroke: quiet }),
        Plot.lineY(lines, {
          x: "day",
          y: "share",
          z: "cohort",
          stroke: (line) => colour(line.cohort),
          strokeWidth: 2,
          curve: "step-after",
        }),
        Plot.dot(ends, { x: "day", y: "share", r: 3.5, fill: (end) => colour(end.cohort) }),
        Plot.link(labels, {
          x1: "day",
          y1: "share",
          x2: () => longest,
          y2: (label) => y.invert(label.y),
          stroke: (label) => colour(label.cohort),
          strokeDasharray: "1 3",
          strokeWidth: 1.5,
          filter: (label) => label.day < longest,
        }),
        Plot.text(labels, {
          x: () => longest,
          y: (label) => y.invert(label.y),
          dx: 8,
          textAnchor: "start",
          text: "cohort",
          fill: "var(--text)",
        }),
        Plot.tip(
          lines,
          Plot.pointer({
            x: "day",
            y: "share",
            title: (line) => `created in ${line.cohort}\n${percent(line.share)} within ${plural(line.day, "days")}`,
          }),
        ),
      ],
    });
  }

  // How many workspaces are red, yellow and green in each use case: one bar each, the numbers in words above it.
  function health({ bars }, width) {
    const useCases = [...new Set(bars.map((bar) => bar.use_case))];
    const order = ["Red", "Yellow", "Green", "Unknown"];
    const words = useCases.map((useCase) => {
      const counts = bars.filter((bar) => bar.use_case === useCase && bar.count > 0);
      return {
        useCase,
        text: `${useCase}: ${counts.map((bar) => `${bar.count} ${bar.colour.toLowerCase()}`).join(", ")}`,
      };
    });
    return Plot.plot({
      ...common(width),
      height: 34 + useCases.length * 46,
      marginLeft: 8,
      marginRight: 8,
      marginTop: 4,
      marginBottom: 30,
      x: {
        label: "workspaces",
        labelArrow: "none",
        nice: true,
        tickFormat: (n) => (Number.isInteger(n) ? d3.format(",")(n) : ""),
      },
      y: { axis: null, domain: useCases, padding: 0.1 },
      marks: [
        Plot.barX(
          bars.filter((bar) => bar.count > 0),
          {
            y: "use_case",
            x: "count",
            z: "colour",
            order,
            fill: (bar) => `var(--${bar.colour.toLowerCase()})`,
            insetTop: 18,
            insetRight: 1,
            title: (bar) => `${bar.use_case}\n${plural(bar.count, "workspaces")} ${bar.colour.toLowerCase()}`,
            tip: true,
          },
        ),
        Plot.text(words, { y: "useCase", text: "text", frameAnchor: "left", dx: 2, dy: -13, fill: "var(--text)" }),
        Plot.ruleX([0], { stroke: quiet }),
      ],
    });
  }

  // How many people have how many identifiers.
  function sizes({ bars }, width) {
    return Plot.plot({
      ...common(width),
      height: 26 + bars.length * 28,
      marginLeft: 96,
      marginRight: 56,
      marginTop: 4,
      marginBottom: 4,
      x: { axis: null },
      y: {
        label: null,
        domain: bars.map((bar) => bar.identifiers),
        tickSize: 0,
        tickFormat: (n) => `${n} identifiers`.replace(/^1 identifiers$/, "1 identifier"),
      },
      marks: [
        Plot.barX(bars, { y: "identifiers", x: "people", fill: "var(--accent)" }),
        Plot.text(bars, {
          y: "identifiers",
          x: "people",
          text: (bar) => d3.format(",")(bar.people),
          dx: 6,
          textAnchor: "start",
          fill: "var(--text)",
        }),
        Plot.ruleX([0], { stroke: quiet }),
      ],
    });
  }

  const kinds = { histogram, flow, funnel, curves, health, sizes };

  function draw(id, content) {
    const place = document.getElementById(id).querySelector(".chart");
    let drawn = 0;
    new ResizeObserver(() => {
      const width = Math.floor(place.clientWidth);
      if (width === 0 || width === drawn) return;
      drawn = width;
      const chart = kinds[content.kind](content, width);
      chart.setAttribute("role", "img");
      chart.setAttribute("aria-label", place.dataset.description);
      place.replaceChildren(chart);
    }).observe(place);
  }

  for (const [id, content] of Object.entries(data)) draw(id, content);

  // On paper nothing can be opened.
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("main details:not([open])"))
      (closed.push(details), (details.open = true));
  });
  addEventListener("afterprint", () => {
    for (const details of closed.splice(0)) details.open = false;
  });
})();
