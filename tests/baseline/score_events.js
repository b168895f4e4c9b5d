// One user's events against a scoring model, as somebody would write it by hand: parse the model once, group the events
// by rule, walk each group in time order, and explain. Same rules and same result as plg.score_events; contributions
// are rounded to multiples of 2^-32, so that only the exponential's last bit may differ.
let modelText;
let model;
let rulesByEvent;

const DAY = 86400000000;
const HOUR = 3600000000;
const UNIT = 4294967296;

const round = (points) => Math.round(points * UNIT) / UNIT;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function decayed(decay, ageDays) {
  if (decay.kind === "exponential") return Math.exp(-ageDays / decay.days);
  if (decay.kind === "half_life") return Math.pow(2, -ageDays / decay.days);
  if (decay.kind === "linear") return Math.max(0, 1 - ageDays / decay.days);
  return 1;
}

function tenths(points) {
  const value = Math.floor(Math.abs(points) * 10 + 0.5);
  return (points < 0 ? "-" : "+") + Math.floor(value / 10) + "." + (value % 10);
}

function isoText(microseconds) {
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, "0");
  return new Date(milliseconds).toISOString().slice(0, 23) + rest + "Z";
}

// The counts of one rule's events, in time order, without what loops do not score.
function withoutLoops(group, spam, loops, ignored) {
  const counts = group.map((event) => event.count ?? 1);
  if (!spam) return counts;
  const cut = (i, scores) => {
    ignored.in_loop += counts[i] - scores;
    counts[i] = scores;
  };
  for (let start = 0, end; start < group.length; start = end) {
    const hour = Math.floor(group[start].occurred_at / HOUR);
    let total = 0;
    let lastAt = 0;
    for (end = start; end < group.length && Math.floor(group[end].occurred_at / HOUR) === hour; end++) {
      const busiest = group[end].max_per_hour ?? -1;
      if (busiest < 0) {
        total += counts[end];
        lastAt = group[end].occurred_at;
      } else if (busiest >= spam.per_hour) {
        cut(end, Math.max(0, counts[end] - (busiest - (spam.per_hour - 1))));
        loops.push(group[end].occurred_at);
      }
    }
    if (total < spam.per_hour) continue;
    let left = spam.per_hour - 1;
    for (let i = start; i < end; i++) {
      if ((group[i].max_per_hour ?? -1) >= 0) continue;
      const scores = Math.min(counts[i], left);
      left -= scores;
      cut(i, scores);
    }
    loops.push(lastAt);
  }
  return counts;
}

function scoreEvents(events, role, text, asOf) {
  if (text !== modelText) {
    model = JSON.parse(text);
    rulesByEvent = new Map(model.events.map((rule, index) => [rule.event, index]));
    modelText = text;
  }
  const ignored = {
    no_event: 0,
    no_timestamp: 0,
    unknown_event: 0,
    after_as_of: 0,
    older_than_horizon: 0,
    same_day: 0,
    over_cap: 0,
    in_loop: 0,
  };
  const groups = model.events.map(() => []);
  const oldest = asOf - model.horizon_days * DAY;
  for (const event of events) {
    const index = event.event === null ? undefined : rulesByEvent.get(event.event);
    const count = event.count ?? 1;
    if (event.event === null) ignored.no_event += count;
    else if (index === undefined) ignored.unknown_event += count;
    else if (event.occurred_at === null) ignored.no_timestamp += count;
    else if (event.occurred_at > asOf) ignored.after_as_of += count;
    else if (event.occurred_at < oldest) ignored.older_than_horizon += count;
    else if (count > 0) groups[index].push(event);
  }
  const roleFactor = role in model.roles ? model.roles[role] : model.other_role;
  const sums = new Map(model.buckets.map((bucket) => [bucket.name, 0]));
  const contributions = [];
  const tallies = [];
  const loops = [];
  model.events.forEach((rule, index) => {
    const group = groups[index];
    if (group.length === 0) return;
    group.sort((a, b) => a.occurred_at - b.occurred_at || (a.count ?? 1) - (b.count ?? 1));
    const counts = withoutLoops(group, model.spam, loops, ignored);
    const factor = rule.scope === "user" ? roleFactor : 1;
    const window = [];
    let windowSum = 0;
    let lastDay = null;
    const tally = { rule, points: 0, count: 0, firstAt: 0, lastAt: 0 };
    for (let i = 0; i < group.length; i++) {
      const event = group[i];
      let count = counts[i];
      if (count === 0) continue;
      if (rule.per === "day") {
        const day = Math.floor(event.occurred_at / DAY);
        if (day === lastDay) {
          ignored.same_day += count;
          continue;
        }
        lastDay = day;
        ignored.same_day += Math.max(0, count - 1);
        count = 1;
      }
      let award = Math.abs(rule.points) * count;
      if (rule.cap) {
        while (window.length > 0 && window[0].at <= event.occurred_at - rule.cap.days * DAY)
          windowSum -= window.shift().award;
        award = Math.min(award, rule.cap.points - windowSum);
        if (award <= 0) {
          ignored.over_cap += count;
          continue;
        }
        windowSum += award;
        window.push({ at: event.occurred_at, award });
      }
      if (tally.count === 0) tally.firstAt = event.occurred_at;
      tally.lastAt = event.occurred_at;
      tally.count += count;
      const share = decayed(rule.decay, (asOf - event.occurred_at) / DAY);
      tally.points += round(Math.sign(rule.points) * award * factor * share);
    }
    if (tally.count === 0) return;
    tallies.push(tally);
    sums.set(rule.bucket, sums.get(rule.bucket) + tally.points);
    contributions.push({ bucket: rule.bucket, code: rule.event, points: tally.points, count: tally.count });
  });
  if (loops.length > 0) {
    const { spam } = model;
    const lastAt = Math.max(...loops);
    const points = round(spam.points * decayed(spam.decay, (asOf - lastAt) / DAY));
    const rule = { event: "event_loop", label: { one: "event loop", other: "event loops" } };
    tallies.push({ rule, points, count: loops.length, firstAt: Math.min(...loops), lastAt });
    sums.set(spam.bucket, sums.get(spam.bucket) + points);
    contributions.push({ bucket: spam.bucket, code: "event_loop", points, count: loops.length });
  }
  let sum = 0;
  const components = [];
  for (const bucket of model.buckets) {
    const points = sums.get(bucket.name);
    const limited = bucket.negative ? Math.min(points, 0) : clamp(points, 0, bucket.max);
    if (limited !== points)
      contributions.push({ bucket: bucket.name, code: "limit", points: limited - points, count: 1 });
    components.push({ bucket: bucket.name, points: limited });
    sum += limited;
  }
  const total = clamp(sum, 0, 100);
  if (total !== sum) {
    components.push({ bucket: "limit", points: total - sum });
    contributions.push({ bucket: "limit", code: "limit", points: total - sum, count: 1 });
  }
  const stage = model.stages.find((candidate) => candidate.at_least === undefined || total >= candidate.at_least);
  const reasons = tallies
    .filter((tally) => tally.points !== 0)
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, 3)
    .map((tally) => {
      const label = tally.count === 1 ? tally.rule.label.one : tally.rule.label.other;
      const days = Math.ceil((asOf - tally.firstAt) / DAY);
      const period = days <= 1 ? "day" : `${days} days`;
      return {
        code: tally.rule.event,
        sentence: `${tally.count} ${label} in the last ${period}: ${tenths(tally.points)}`,
        points: tally.points,
        count: tally.count,
        last_at: isoText(tally.lastAt),
      };
    });
  return {
    model: model.name,
    version: model.version,
    total,
    stage: stage ? stage.name : null,
    components,
    contributions,
    top_reasons: reasons,
    ignored,
  };
}
