// What makes reading rows of facts fast, in bodies that have the room; facts_small.js stands in for it in the others.

// The property of the field with number `i`. A load with a name of its own for every field is what V8 makes fast: each
// of these only ever sees one name, as long as the rules stay the same.
function load(row, name, i) {
  switch (i) {
    case 0:
      return row[name];
    case 1:
      return row[name];
    case 2:
      return row[name];
    case 3:
      return row[name];
    case 4:
      return row[name];
    case 5:
      return row[name];
    case 6:
      return row[name];
    case 7:
      return row[name];
    case 8:
      return row[name];
    case 9:
      return row[name];
    default:
      return row[name];
  }
}

// Whether three letters of a text, from `at` on, are these.
function spells(text, at, first, second, third) {
  if (text.charCodeAt(at) !== first) return false;
  return text.charCodeAt(at + 1) === second ? text.charCodeAt(at + 2) === third : false;
}

// JSON text of facts usually looks alike from row to row: the same names in the same order, no spaces, plain values.
// The steps tell what the last row looked like: what stands before each value, its field's number or -1, its kind. Text
// that follows them is read without JSON.parse, which is the larger part of a row's time; any other goes the general
// way.
let steps;
// How often the steps may be learned anew, so that rows of ever other shapes do not pay for it again and again.
let lessons;

// Another document asks for other facts.
function forget() {
  steps = undefined;
  lessons = 8;
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

function learn(row) {
  steps = undefined;
  if (lessons-- < 1) return;
  const names = Object.keys(row);
  const readers = names.map(() => -1);
  for (let i = 0; i < fields.length; i++) {
    const exact = names.indexOf(fields[i].name);
    const place = exact < 0 ? names.indexOf(fields[i].upper) : exact;
    // A name that two fields read (score and SCORE) is left to the general way.
    if (readers[place] !== -1) return;
    readers[place] = i;
  }
  steps = names.map((name, index) => {
    const reader = readers[index];
    const { kind, literals } = reader < 0 ? { kind: ANY } : fields[reader];
    return { before: (index > 0 ? "," : "{") + JSON.stringify(name) + ":", reader, kind, literals };
  });
}

// Reads facts that look like the last row and writes them as `packFacts` does. Returns -1, for the general way to
// decide, if they look otherwise or a value is not of its field's type.
function scan(facts, marks, values, spans, end) {
  if (steps === undefined) return -1;
  let at = 0;
  // Local names keep the loop free of loads; whatever makes room renews them.
  let b = bytes;
  let d = doubles;
  for (let i = 0; i < steps.length; i++) {
    const { before, reader, kind, literals } = steps[i];
    // Cutting a piece off and comparing it is faster than startsWith.
    if (facts.substring(at, at + before.length) !== before) return -1;
    at += before.length;
    let code = facts.charCodeAt(at);
    let known = 1;
    let value = 0;
    if (code === 34) {
      const start = ++at;
      // Escapes, control characters and the end of the text (NaN) are for JSON.parse.
      for (; (code = facts.charCodeAt(at)) !== 34; at++) if (code === 92 ? true : !(code > 31)) return -1;
      if (kind === CODE) value = literalOf(literals, facts.substring(start, at));
      else if (kind === TIMESTAMP) {
        value = instant(facts, start, at);
        if (value !== value) return -1;
      } else if (kind === TEXT) {
        words[spans + 2 * reader] = end;
        end = write(facts.substring(start, at), end);
        words[spans + 2 * reader + 1] = end - words[spans + 2 * reader];
        b = bytes;
        d = doubles;
      } else if (kind !== ANY) return -1;
      at++;
    } else if (code === 110) {
      if (!spells(facts, at + 1, 117, 108, 108)) return -1;
      known = 0;
      at += 4;
    } else if (code === 116) {
      if (kind !== BOOLEAN) if (kind !== ANY) return -1;
      if (!spells(facts, at + 1, 114, 117, 101)) return -1;
      value = 1;
      at += 4;
    } else if (code === 102) {
      if (kind !== BOOLEAN) if (kind !== ANY) return -1;
      if (facts.charCodeAt(at + 1) === 97 ? !spells(facts, at + 2, 108, 115, 101) : true) return -1;
      at += 5;
    } else {
      if (kind !== NUMBER) if (kind !== ANY) return -1;
      const negative = code === 45;
      if (negative) code = facts.charCodeAt(++at);
      const start = at;
      let point = 0;
      for (; code > 45 ? code < 58 : false; code = facts.charCodeAt(++at)) {
        if (code > 47) value = value * 10 + code - 48;
        else if (code === 46 ? point > 0 : true) return -1;
        else point = at;
      }
      // An integer part without a needless zero, and digits after the point. Up to 15 digits are exact in a double, and
      // so is their quotient with a power of ten rounded to the nearest; exponents are no step's beginning.
      const integer = (point > 0 ? point : at) - start;
      const decimals = point > 0 ? at - point - 1 : 0;
      if (integer < 1 ? true : integer + decimals > 15 ? true : point > 0 ? decimals < 1 : false) return -1;
      if (integer > 1) if (facts.charCodeAt(start) === 48) return -1;
      if (point > 0) value /= POWERS_OF_TEN[decimals];
      if (negative) value = -value;
    }
    if (reader < 0) continue;
    b[marks + reader] = known;
    d[values + reader] = value;
  }
  return facts.charCodeAt(at) === 125 ? (at + 1 === facts.length ? end : -1) : -1;
}
