// The module's one instance, and views on its memory. The generated part of a body defines
//   NAME        the function's name
//   SCRATCH     where in the input buffer a point in time may be written as text
//   unpacked()  the module's bytes
//   layout()    makes room for the frame and writes those of its words that are the same for every row

let compiled;
let wasm;
// The exports that compute, and that read a point in time.
let entry;
let timestamp;
// The input buffer: its address and its length in bytes.
let base;
let room;
// Views that begin at the input buffer, for writing the frame.
let bytes;
let words;
let doubles;
// Views that begin at address 0, for reading what the module answers.
let memory;
let cells;
let stream;
// Where in `cells` the last answer's descriptor is, and its text area once somebody has asked for it.
let descriptor;
let textArea;

function fail(message) {
  throw new Error("plg." + NAME + ": " + message);
}

function start() {
  if (compiled === undefined) compiled = new WebAssembly.Module(unpacked());
  wasm = new WebAssembly.Instance(compiled).exports;
  entry = wasm[NAME];
  timestamp = wasm.timestamp;
  room = 0;
  source = undefined;
  layout();
}

// Views lose their memory when it grows; then they have no length any more.
function map() {
  const buffer = wasm.memory.buffer;
  bytes = new Uint8Array(buffer, base);
  words = new Int32Array(buffer, base);
  doubles = new Float64Array(buffer, base);
  memory = new Uint8Array(buffer);
  cells = new Uint32Array(buffer);
  stream = new Float64Array(buffer);
}

// Without its instance the next row starts afresh.
function drop(message) {
  wasm = undefined;
  fail(message);
}

// Room for `size` bytes in the input buffer. What is in it already stays.
function reserve(size) {
  if (size <= room) return;
  room = size * 2;
  base = room < 2 ** 31 ? guarded(wasm.input, room) >>> 0 : 0;
  if (base === 0) drop("the arguments are too large");
  map();
}

// A trap is a defect of ours, unless memory has grown so far that it can be nothing else.
function trapped() {
  drop(wasm.memory.buffer.byteLength < 2 ** 30 ? "internal error in the module" : "the arguments are too large");
}

function guarded(call, argument) {
  try {
    return call(argument);
  } catch (trap) {
    trapped();
  }
}

// Takes the descriptor at `address` for the last answer's; returns where in `stream` the answer begins.
function answer(address) {
  if (stream.length === 0) map();
  const at = address >>> 2;
  if (cells[at] !== 1) throw new Error(decode(cells[at + 3], cells[at + 4]));
  descriptor = at;
  textArea = undefined;
  return cells[at + 1] >>> 3;
}

// The text whose offset and length in the text area stand at `at`; null for NULL.
function text(at) {
  const offset = stream[at];
  const length = stream[at + 1];
  if (length > 4294967294) return null;
  const address = cells[descriptor + 3];
  if (cells[descriptor + 5] !== 1) return decode(address + offset, length);
  // ASCII is decoded at once for all texts of an answer: cutting a text is far cheaper than making one.
  if (textArea === undefined) textArea = ascii(address, cells[descriptor + 4]);
  return textArea.substring(offset, offset + length);
}

// A double for which NaN stands for NULL.
function nullable(value) {
  return value === value ? value : null;
}

// A text of a dictionary; -1 stands for NULL.
function entryOf(dictionary, code) {
  return code < 0 ? null : dictionary[code];
}
