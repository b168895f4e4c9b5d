// What inflate.js does, for modules that deflate leaves too large. Every bit of the module is predicted from what came
// before it, and an arithmetic coder whose digits are those of base 86 spends on it what the prediction leaves open.
// `xtask/src/javascript/dense.rs` explains the model and does the same in the same order: both must compute the very
// same numbers, so there is nothing here but integers and + - * / of doubles. The other functions of Math differ from
// engine to engine.
//
// `begin` is where the first function's length stands and `end` where the last function ends. The functions' lengths
// are left out and put back here.
function dense(text, size, begin, end) {
  const INPUTS = 8;
  const { imul, min, max } = Math;
  const mix = (a, b) => {
    const product = imul(a + b, 0x2c1b3c6d);
    return product ^ (product >>> 15);
  };
  const values = digitValues();
  const stretched = new Float64Array(4096);
  const squashed = new Float64Array(4096);
  for (let i = 0, sum = -8.896, power = 362217.45; i < 4096; i++) {
    stretched[i] = sum;
    squashed[i] = 1 / (1 + power);
    sum += 4096 / ((i + 1) * (4095 - i));
    power *= 0.99377;
  }
  const rates = [];
  for (let i = 0; i < 8; i++) rates[i] = (65536 / min(i + 1.2, 8)) >> 0;
  // Runs of opcodes with the same operands and the same effect on the stack.
  const runs = "M*^+M.])N+M)N)O)E1Y-R)F)V)R)F,W6K1R,T*U)Y2U)Y>U+Y7U+YEU/Y/U~";
  const kinds = new Uint8Array(256);
  for (let i = 0, at = 0; i < runs.length; i += 2) {
    kinds.fill(runs.charCodeAt(i) - 65, at);
    at += runs.charCodeAt(i + 1) - 40;
  }

  const counters = new Int16Array(4194304 + 512);
  const weights = new Float64Array(512 * 16 * INPUTS).fill(0.2);
  const biases = new Float64Array(512 * 16 * INPUTS);
  const slots = [];
  const chosen = [];
  const inputs = [];
  let contexts;
  let range = 1;
  let offset = 0;
  let read = 0;
  // The four bits after those in `known`, which begin with a one.
  const half = (known, set) => {
    for (let i = 0; i < INPUTS; i++) {
      const hash = mix(mix(mix(contexts[i], token), known), i);
      const check = ((hash << 16) >> 16) | 1;
      let slot = (hash >>> 14) << 4;
      for (let tries = 16; counters[slot] !== check; ) {
        if (counters[slot] * tries-- !== 0) slot += 16;
        else counters[slot] = check;
      }
      slots[i] = slot;
    }
    let node = 1;
    while (node < 16) {
      let sum = 0;
      for (let i = 0; i < INPUTS; i++) {
        const counter = counters[slots[i] + node];
        chosen[i] = ((set + i) << 4) + ((counter << 28) >>> 28);
        inputs[i] = stretched[(counter >> 4) + 2048];
        sum += inputs[i] * weights[chosen[i]] + biases[chosen[i]];
      }
      const chance = squashed[max(0, min(4095, sum * 160 + 2048)) >> 0];
      while (range < 1e7) {
        range *= 86;
        offset = offset * 86 + values[text.charCodeAt(read++)];
      }
      const split = (range * chance) >> 0;
      let bit = 0;
      if (offset < split) {
        bit = 1;
        range = split;
      } else {
        offset -= split;
        range -= split;
      }
      const error = (bit - chance) * 0.006;
      for (let i = 0; i < INPUTS; i++) {
        weights[chosen[i]] += error * inputs[i];
        biases[chosen[i]] += error * 2;
        const counter = counters[slots[i] + node];
        const count = (counter << 29) >>> 29;
        const chance = counter >> 4;
        const step = (imul(bit * 4095 - 2048 - chance, rates[count]) + bit * 65535) >> 16;
        counters[slots[i] + node] = ((chance + step) << 4) + bit * 8 + min(count + 1, 7);
      }
      node = node * 2 + bit;
    }
    return known * 16 + node - 16;
  };

  const target = new Uint8Array(size);
  const last = new Int32Array(256);
  const stack = new Int32Array(size + 2);
  let height = 2;
  let [bytes, recent, older, before, number] = [0, 0, 0, 0, 0];
  let [opcode, kind, token, left, operand, count, scale, limit, depth] = [0, 0, 0, 0, 0, 0, 1, 128, -1];
  for (let position = 0; position < size; ) {
    if (position === begin) {
      if (position < end) {
        opcode = token = 255;
        kind = depth = 0;
        left = 1;
      }
    }
    contexts = [
      0,
      recent,
      mix(recent, older << 8),
      bytes << 8,
      mix(height, recent << 24),
      mix(height, stack[height - 2]),
      mix(last[opcode], recent << 16),
      mix(number, before),
    ];
    const set = (left > 0 ? opcode : kind > 0 ? opcode + 256 : 256) * INPUTS;
    const byte = half(half(1, set), set) - 256;
    target[position++] = byte;
    bytes = (bytes << 8) + byte;
    if (left > 0) {
      token = mix(token + 1, byte);
      if (operand === 0) {
        count += (byte % 128) * scale;
        scale *= 128;
      }
      if (byte < limit) {
        left--;
        if (operand++ === 0) {
          if (opcode === 14) left = count + 1;
          if (opcode === 255) left = count * 2;
        }
        if (opcode % 241 === 14) token = opcode + (operand % 2);
      }
    } else {
      opcode = byte;
      token = mix(1, byte);
      kind = depth < 0 ? 0 : kinds[byte];
      left = kind % 4;
      if (left > 2) {
        left = byte === 67 ? 4 : 8;
        limit = 256;
      }
      if (kind === 29) depth++;
    }
    if (left > 0) continue;
    last[opcode] = before = token;
    older = (older << 8) + (recent >>> 24);
    recent = (recent << 8) + opcode;
    const pops = (kind >> 2) % 4;
    height = pops > 2 ? 2 : max(2, height - pops);
    if (kind > 15) stack[height++] = token;
    token = operand = count = 0;
    scale = 1;
    limit = 128;
    if (kind !== 28) continue;
    if (--depth < 0) {
      number++;
      let length = position - begin;
      do {
        target.copyWithin(begin + 1, begin, position++);
        target[begin++] = (length % 128) + (length > 127 ? 128 : 0);
        length >>= 7;
      } while (length > 0);
      begin = position;
    }
  }
  return target;
}
