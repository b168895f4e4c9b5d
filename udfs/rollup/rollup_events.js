// The aggregate for the JavaScript warehouses: an expression whose value has what BigQuery's and Snowflake's bodies call.
// src/rollup.rs says what is counted and why sums are exact. A Map of the engine counts, and days and hours are remainders
// of numbers that a double holds exactly: a WebAssembly module would only be handed the same keys at a higher price.
(function () {
  const HOUR = 3600000000;
  const DAY = 24 * HOUR;
  // 0001-01-01 and the last second of the year 9999.
  const FIRST_TIME = -62135596800000000;
  const LAST_TIME = 253402300799000000;
  const PER_COUNT = 65536;
  // 2^52: a row's counts may add up to so many multiples of 2^-16, and adding and taking it away rounds to integers.
  const MAX_UNITS = 4503599627370496;

  function fail(message) {
    throw new Error("plg.rollup_events: " + message);
  }

  // NULL comes first.
  function compareKeys(a, b) {
    if (a === null) return b === null ? 0 : -1;
    return b === null ? 1 : compareTexts(a, b);
  }

  function isObject(value) {
    return typeof value !== "object" ? false : value === null ? false : !Array.isArray(value);
  }

  function required(value, path) {
    if (value == null) fail(path + ": is missing");
    return value;
  }

  // What of a model decides which events are counted, as text: models with the same key are the same here.
  function keyOf(text) {
    let model;
    try {
      model = JSON.parse(text);
    } catch (error) {
      fail("model: is not valid JSON");
    }
    if (!isObject(model)) fail("model: must be an object");
    const days = model.horizon_days == null ? 365 : model.horizon_days;
    if (typeof days !== "number" ? true : !isFinite(days)) fail("model.horizon_days: must be a finite number");
    if (days <= 0) fail("model.horizon_days: must be > 0");
    const events = required(model.events, "model.events");
    if (!Array.isArray(events)) fail("model.events: must be an array");
    const names = events.map((event, index) => {
      const path = "model.events[" + index + "]";
      if (!isObject(event)) fail(path + ": must be an object");
      const name = required(event.event, path + ".event");
      if (typeof name !== "string") fail(path + ".event: must be a text");
      return name;
    });
    return JSON.stringify([days, sortTexts(Array.from(new Set(names)))]);
  }

  function rulesOf(key) {
    const [days, names] = JSON.parse(key);
    const codes = new Map(names.map((name, code) => [name, code]));
    let unknown = "";
    while (codes.has(unknown)) unknown += "?";
    return { key, names, codes, unknown, horizon: days * DAY };
  }

  // The last model, which is that of the next row, too, but for a few.
  let source;
  let last;

  function rules(text) {
    if (text !== source) {
      const key = keyOf(text);
      if (last === undefined ? true : last.key !== key) last = rulesOf(key);
      source = text;
    }
    return last;
  }

  // Nothing counted yet. `absent` names the argument that is NULL in all rows so far.
  function start() {
    return { rules: null, asOf: null, absent: null, ignored: [0, 0, 0, 0, 0], users: new Map() };
  }

  // Takes what must be the same in all rows; whether there is something to count.
  function open(state, found, asOf, absent) {
    if (state.rules === null ? state.absent === null : false) {
      state.rules = found;
      state.asOf = asOf;
      state.absent = absent;
    }
    if ((state.absent === null) !== (absent === null)) differs(absent === null ? state.absent : absent);
    if (absent !== null) return false;
    if (state.rules !== found ? state.rules.key !== found.key : false) differs("model");
    if (state.asOf !== asOf) differs("as_of");
    return true;
  }

  function differs(argument) {
    fail(argument + ": must be the same in all rows of a group");
  }

  function sum(a, b) {
    if (a + b > MAX_UNITS) tooMany();
    return a + b;
  }

  function tooMany() {
    fail("count: must add up to at most 2^36 per user, event and day");
  }

  // The place in `ignored` of what the model does not take in, in the order of score_events; -1 of what it does.
  function reasonOf(code, time, oldest, asOf) {
    if (time > asOf) return 2;
    if (time < oldest) return 3;
    return time <= asOf ? -1 : 4;
  }

  // Counts a row; null and undefined are NULL, points in time are microseconds.
  function add(state, userId, event, occurredAt, count, model, asOf) {
    const absent = model == null ? "model" : asOf == null ? "as_of" : null;
    const found = absent === null ? rules(model) : null;
    if (!open(state, found, absent === null ? asOf : null, absent)) return;
    const given = count == null ? 1 : count;
    if (!(given >= 0 ? given < Infinity : false)) fail("count: must be a finite number >= 0");
    if (given * PER_COUNT > MAX_UNITS) tooMany();
    const units = given * PER_COUNT + MAX_UNITS - MAX_UNITS;
    if (units === 0) return;
    const code = event == null ? undefined : found.codes.get(event);
    const time = occurredAt == null ? NaN : occurredAt;
    const reason =
      event == null ? 0 : code === undefined ? 1 : reasonOf(code, time, asOf - found.horizon, asOf);
    if (reason >= 0) {
      state.ignored[reason] = sum(state.ignored[reason], units);
      return;
    }
    let rest = time % HOUR;
    if (rest < 0) rest += HOUR;
    put(state, userId == null ? null : userId, code, (time - rest) / HOUR, units, rest);
  }

  // Counts what one user did under one name in one hour; `rest` is the time from its start to the last of it.
  function put(state, user, code, hour, units, rest) {
    let events = state.users.get(user);
    if (events === undefined) state.users.set(user, (events = []));
    let hours = events[code];
    if (hours === undefined) hours = events[code] = new Map();
    const known = hours.get(hour);
    if (known === undefined) hours.set(hour, [units, rest]);
    else {
      known[0] = sum(known[0], units);
      if (rest > known[1]) known[1] = rest;
    }
  }

  function each(state, visit) {
    state.users.forEach((events, user) => {
      events.forEach((hours, code) => {
        hours.forEach((known, hour) => visit(user, code, hour, known[0], known[1]));
      });
    });
  }

  function merge(state, other) {
    if (other.rules === null ? other.absent === null : false) return;
    if (!open(state, other.rules, other.asOf, other.absent)) return;
    other.ignored.forEach((units, reason) => (state.ignored[reason] = sum(state.ignored[reason], units)));
    each(other, (user, code, hour, units, rest) => put(state, user, code, hour, units, rest));
  }

  // The state as BigQuery stores it: fields that are texts, numbers, null, or a list of these.
  function pack(state) {
    const hours = [];
    each(state, (user, code, hour, units, rest) => hours.push(user, code, hour, units, rest));
    const key = state.rules === null ? null : state.rules.key;
    return { key, as_of: state.asOf, absent: state.absent, ignored: state.ignored.slice(), hours };
  }

  function unpack(packed) {
    const state = start();
    if (packed.key !== null) {
      state.rules = last === undefined ? rulesOf(packed.key) : last.key === packed.key ? last : rulesOf(packed.key);
    }
    state.asOf = packed.as_of;
    state.absent = packed.absent;
    state.ignored = packed.ignored.slice();
    for (let at = 0; at < packed.hours.length; at += 5) {
      const [user, code, hour, units, rest] = packed.hours.slice(at, at + 5);
      put(state, user, code, hour, units, rest);
    }
    return state;
  }

  // The rows of the result, `time` making a point in time of microseconds.
  function finish(state, time) {
    if (state.absent !== null) return null;
    if (state.rules === null) return [];
    const rows = [];
    const push = (user, event, at, units, most) =>
      rows.push({ user_id: user, event, occurred_at: at, count: units / PER_COUNT, max_per_hour: most / PER_COUNT });
    const names = state.rules.names;
    state.users.forEach((events, user) => {
      events.forEach((hours, code) => {
        const days = new Map();
        hours.forEach(([units, rest], hour) => {
          const day = Math.floor(hour / 24);
          const at = hour * HOUR + rest;
          const known = days.get(day);
          if (known === undefined) days.set(day, [at, units, units]);
          else days.set(day, [Math.max(known[0], at), sum(known[1], units), Math.max(known[2], units)]);
        });
        days.forEach(([at, units, most]) => push(user, names[code], at, units, most));
      });
    });
    const asOf = state.asOf;
    const oldest = asOf - state.rules.horizon;
    const later = asOf < LAST_TIME ? Math.min(asOf + DAY, LAST_TIME) : asOf + DAY;
    const earlier = oldest > FIRST_TIME ? Math.max(oldest - DAY, FIRST_TIME) : oldest - DAY;
    const places = [
      [null, asOf],
      [state.rules.unknown, asOf],
      [names[0], later],
      [names[0], Math.trunc(earlier)],
      [names[0], null],
    ];
    places.forEach(([event, at], reason) => {
      if (state.ignored[reason] > 0) push(null, event, at, state.ignored[reason], 0);
    });
    rows.sort(
      (a, b) =>
        compareKeys(a.user_id, b.user_id) ||
        compareKeys(a.event, b.event) ||
        (a.occurred_at === null ? -Infinity : a.occurred_at) - (b.occurred_at === null ? -Infinity : b.occurred_at),
    );
    if (time !== undefined) rows.forEach((row) => (row.occurred_at = time(row.occurred_at)));
    return rows;
  }

  // ISO-8601 text of a point in time, with microseconds.
  function text(time) {
    if (time === null) return null;
    let rest = time % 1000000;
    if (rest < 0) rest += 1000000;
    // Whole seconds, since a Date holds milliseconds.
    const seconds = new Date((time - rest) / 1000).toISOString().slice(0, -5);
    return seconds + "." + ("00000" + rest).slice(-6) + "Z";
  }

  return { start, add, merge, pack, unpack, finish, text };
})();
