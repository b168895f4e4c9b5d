// What warehouses hand over. NULL is null on BigQuery and undefined on Snowflake, whose VARIANT null, null, is NULL
// too. The generated code takes the straight way for a value of the expected type and comes here with the others.

const NOTHING = {};

// The path of an argument, of its element `index`, or of a field of that, made only when it is needed for an error.
function path(argument, index, name) {
  return argument + (index === undefined ? "" : "[" + index + "]") + (name === undefined ? "" : "." + name);
}

// JSON has no NaN and no infinities; BigQuery's TO_JSON_STRING writes them as texts.
function number(value, argument, index, name) {
  if (typeof value === "number") return value;
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  fail(path(argument, index, name) + ": must be a number");
}

function string(value, argument, index, name) {
  if (typeof value !== "string") fail(path(argument, index, name) + ": must be a text");
  return value;
}

// Microseconds since 1970 of the ISO-8601 text between two places of a text, which the module reads; NaN if it is none.
function instant(text, start, end) {
  // The frame has a place for 64 bytes; longer texts and those beyond ASCII are none that the module reads.
  if (end - start > 64) return NaN;
  const target = bytes;
  for (let i = start, at = SCRATCH; i < end; i++) {
    const code = text.charCodeAt(i);
    target[at++] = code > 127 ? 0 : code;
  }
  try {
    return timestamp(SCRATCH, end - start);
  } catch (trap) {
    trapped();
  }
}

// The same of what may stand for a point in time: a number, a driver's Date, or a text.
function moment(value, argument, index, name) {
  let time = NaN;
  if (typeof value === "string") time = instant(value, 0, value.length);
  else if (typeof value === "number") time = value;
  else if (Object.prototype.toString.call(value) === "[object Date]") time = value.getTime() * 1000;
  if (time !== time) fail(path(argument, index, name) + ": must be a timestamp");
  return time;
}

// A field of a list's element that is NULL, absent or of another type: `substitute` for the first two, otherwise what
// `convert` makes of it.
function field(list, index, element, name, value, substitute, convert) {
  if (typeof element !== "object" ? true : Array.isArray(element)) fail(path(list, index) + ": must be an object");
  return value == null ? substitute : convert(value, list, index, name);
}

// An element of a list of doubles that is not a number.
function element(list, index, value) {
  if (value == null) fail(path(list, index) + ": must not be NULL");
  return number(value, list, index);
}
