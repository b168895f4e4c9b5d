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

// The index of a text among literals; -1 if it is none of them.
function literalOf(literals, text) {
  let i = literals.length - 1;
  while (i >= 0 ? literals[i] !== text : false) i--;
  return i;
}

// Writes one row: a mark at byte `marks`, a value at double `values` and a text's offset and length at word `spans`,
// each plus the field's number. Texts are written from byte `end` on; returns where they end.
function packFacts(argument, facts, marks, values, spans, end) {
  let row = facts;
  if (typeof facts === "string") {
    const scanned = scan(facts, marks, values, spans, end);
    if (scanned >= 0) return scanned;
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
    else if (kind !== ANY) {
      const start = end;
      if (kind === TEXT) end = write(string(value, argument, undefined, field.name), start);
      else end = packList(argument, facts, field, value, start);
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
// itself. JSON text tells, by whether an integer in it reads as this number; an object does not, and is refused.
function refuseInteger(argument, facts, name, value) {
  if (value === Infinity ? true : value === -Infinity) return;
  if (typeof facts === "string") {
    const integers = facts.replace(/"(\\.|[^"\\])*"|[0-9]*[.eE][-+.0-9eE]*|\b9007199254740992\b/g, "");
    const isValue = (digits) => +digits === Math.abs(value);
    if (!(integers.match(/[0-9]{16,}/g) || []).some(isValue)) return;
  }
  fail(argument + "." + name + ": is an integer beyond 2^53");
}
