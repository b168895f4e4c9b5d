// Writes a JSON document into the input buffer as a tape (src/tape.rs) and returns its length in bytes.
function tape(argument, source) {
  let root;
  try {
    root = JSON.parse(source);
  } catch (error) {
    fail(argument + ": is not valid JSON");
  }
  const slots = [];
  const area = [];
  const string = (text) => {
    const offset = area.length;
    slots.push(offset, encode(text, area, offset) - offset);
  };
  const node = (value, depth) => {
    if (depth > 64) fail(argument + ": is nested deeper than 64 levels");
    if (value === null) slots.push(0);
    else if (typeof value === "boolean") slots.push(value ? 2 : 1);
    else if (typeof value === "number") slots.push(3, value);
    else if (typeof value === "string") {
      slots.push(4);
      string(value);
    } else {
      const list = Array.isArray(value);
      const names = Object.keys(value);
      const head = slots.push(list ? 5 : 6, names.length, 0);
      for (const name of names) {
        if (!list) string(name);
        node(value[name], depth + 1);
      }
      slots[head - 1] = slots.length - head;
    }
  };
  node(root, 0);
  const length = 8 + slots.length * 8 + area.length;
  reserve(length);
  words[0] = slots.length;
  words[1] = area.length;
  doubles.set(slots, 1);
  bytes.set(area, 8 + slots.length * 8);
  return length;
}
