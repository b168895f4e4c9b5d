// What warehouses hand over. NULL is null on BigQuery and undefined on Snowflake, whose VARIANT null, null, is NULL too.
// The generated code takes the straight way for a value of the expected type and comes here with the others.

const NOTHING = {};

// JSON has no NaN and no infinities; BigQuery's TO_JSON_STRING writes them as texts.
function number(value, path) {
  if (typeof value === "number") return value;
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  fail(path + ": must be a number");
}

function string(value, path) {
  if (typeof value !== "string") fail(path + ": must be a text");
  return value;
}

// Microseconds since 1970: as a number, as a driver's Date, or as ISO-8601 text, which the module reads.
function moment(value, path) {
  let time = NaN;
  if (typeof value === "string") {
    // The frame has a place for 64 bytes; longer texts and those beyond ASCII are none that the module reads.
    const length = value.length;
    if (length < 65) {
      let at = SCRATCH;
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        bytes[at++] = code > 127 ? 0 : code;
      }
      time = guarded(timestamp, SCRATCH, length);
    }
  } else if (typeof value === "number") time = value;
  else if (Object.prototype.toString.call(value) === "[object Date]") time = value.getTime() * 1000;
  if (time !== time) fail(path + ": must be a timestamp");
  return time;
}

// A field of a list's element that is NULL, absent or of another type: `substitute` for the first two, otherwise what
// `convert` makes of it.
function field(list, index, element, name, value, substitute, convert) {
  const path = list + "[" + index + "]";
  if (typeof element !== "object" ? true : Array.isArray(element)) fail(path + ": must be an object");
  return value == null ? substitute : convert(value, path + "." + name);
}

// An element of a list of doubles that is not a number.
function element(list, index, value) {
  const path = list + "[" + index + "]";
  if (value == null) fail(path + ": must not be NULL");
  return number(value, path);
}
