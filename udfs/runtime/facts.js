// A row of facts: JSON text or an object with at least the fields that the document reads, as written or in upper case.

const ANY = 0;
const NUMBER = 1;
const BOOLEAN = 2;
const TIMESTAMP = 3;
const CODE = 4;
const TEXT = 5;
const NUMBERS = 6;
const TEXTS = 7;

function own(row, name) {
  return Object.prototype.hasOwnProperty.call(row, name) ? row[name] : undefined;
}

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

// The index of a text among literals; -1 if it is none of them.
function literalOf(literals, text) {
  let i = literals.length - 1;
  while (i >= 0 ? literals[i] !== text : false) i--;
  return i;
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

// Writes one row: a mark at byte `marks`, a value at double `values` and a text's offset and length at word `spans`,
// each plus the field's number. Texts are written from byte `end` on; returns where they end.
function packFacts(argument, facts, marks, values, spans, end) {
  let row = facts;
  if (typeof facts === "string") {
    if (steps !== undefined) {
      const scanned = scan(facts, marks, values, spans, end);
      if (scanned >= 0) return scanned;
    }
    try {
      row = JSON.parse(facts);
    } catch (error) {
      fail(argument + ": is not valid JSON");
    }
  }
  if (row === null ? true : typeof row !== "object" ? true : Array.isArray(row)) fail(argument + ": must be an object");
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    let value = load(row, field.name, i);
    if (value === undefined ? true : field.inherited) {
      value = own(row, field.name);
      if (value === undefined) value = own(row, field.upper);
      if (value === undefined) {
        if (!field.optional) fail(argument + "." + field.name + ": is missing");
        value = null;
      }
    }
    if (value === null) {
      bytes[marks + i] = 0;
      continue;
    }
    bytes[marks + i] = 1;
    const kind = field.kind;
    if (kind === NUMBER) {
      if (typeof value !== "number") value = number(value, argument, undefined, field.name);
      if (value >= 9007199254740992 ? true : value <= -9007199254740992)
        refuseInteger(argument, facts, field.name, value);
      doubles[values + i] = value;
    } else if (kind === CODE) {
      if (typeof value !== "string") string(value, argument, undefined, field.name);
      doubles[values + i] = literalOf(field.literals, value);
    } else if (kind === BOOLEAN) {
      if (typeof value !== "boolean") fail(argument + "." + field.name + ": must be a boolean");
      doubles[values + i] = value ? 1 : 0;
    } else if (kind === TIMESTAMP) doubles[values + i] = moment(value, argument, undefined, field.name);
    else if (kind === TEXT) {
      string(value, argument, undefined, field.name);
      const start = end;
      end = write(value, start);
      words[spans + 2 * i] = start;
      words[spans + 2 * i + 1] = end - start;
    } else if (kind > TEXT) {
      const start = end;
      end = packList(argument, facts, field, value, start);
      words[spans + 2 * i] = start;
      words[spans + 2 * i + 1] = end - start;
    }
  }
  if (row !== facts) learn(row);
  return end;
}

// The same for element `index` of a list, whose rows follow each other. NULL is a row of NULLs.
function packElementFacts(list, index, name, facts, marks, values, spans, end) {
  const first = index * fields.length;
  if (facts !== null)
    return packFacts(path(list, index, name), facts, marks + first, values + first, spans + 2 * first, end);
  bytes.fill(0, marks + first, marks + first + fields.length);
  return end;
}

// Writes a list from byte `end` on, without its NULLs: eight bytes for a number, UTF-8 and the byte 255 for a text. Returns
// where it ends.
function packList(argument, facts, field, list, end) {
  const path = argument + "." + field.name;
  if (!Array.isArray(list)) fail(path + ": must be a list");
  list.forEach((value, index) => {
    if (value === null) return;
    const place = path + "[" + index + "]";
    if (field.kind === TEXTS) {
      end = write(string(value, place), end);
      reserve(end + 1);
      bytes[end++] = 255;
    } else {
      value = number(value, place);
      if (Math.abs(value) > 9007199254740992) refuseInteger(argument, facts, field.name + "[" + index + "]", value);
      reserve(end + 8);
      bytes.set(new Uint8Array(new Float64Array([value]).buffer), end);
      end += 8;
    }
  });
  return end;
}

// A number from 2^53 on has lost digits if it was written as another integer; one with a point or an exponent means
// itself. JSON text tells; an object does not, and is refused.
function refuseInteger(argument, facts, name, value) {
  if (value === Infinity ? true : value === -Infinity) return;
  if (typeof facts === "string") {
    const integers = facts.replace(/"(\\.|[^"\\])*"|[0-9]*[.eE][-+.0-9eE]*|\b9007199254740992\b/g, "");
    if (!/[0-9]{16}/.test(integers)) return;
  }
  fail(argument + "." + name + ": is an integer beyond 2^53");
}
