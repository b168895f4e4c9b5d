// What inflate.js does, for modules that deflate leaves too large. Every bit of the module is predicted from what came
// before, and an arithmetic coder whose digits are those of base 85 spends on it what the prediction was worth. Where
// the prediction comes from is described in `xtask/src/javascript/dense.rs`, which does the same in the same order:
// both must compute the very same numbers. That is why there is nothing here but integers and + - * / of doubles; the
// functions of Math differ from engine to engine.
//
// `code` and `end` are where the first function's length stands and where the last function ends. The functions'
// lengths themselves are left out and put back here.
function dense(text, size, code, end) {
  const INPUTS = 7;
  const { imul, min, max } = Math;
  const values = digitValues();
  const target = new Uint8Array(size);
  const mix = (a, b) => imul(a, 0x2c1b3c6d) + b;
  const stretched = new Float64Array(4096);
  const squashed = new Float64Array(4096);
  for (let i = 1, sum = 0; i < 2048; i++) {
    stretched[2048 + i] = sum += 4096 / ((2048 + i) * (2048 - i));
    stretched[2047 - i] = -sum;
  }
  for (let i = 0, power = 362217.45; i < 4096; i++) {
    squashed[i] = 1 / (1 + power);
    power *= 0.9937694906233918;
  }
  const rates = new Int32Array(16);
  for (let i = 0; i < 16; i++) rates[i] = 65536 / min(i + 1.3, 10);
  // Of every opcode: its immediates, what it takes from the stack, whether it leaves something there, as runs.
  const runs = "M*N+M/N+M)N)O)E1Y-R)F)V)R)F,W6K1R,T*U)Y2U)Y>U+Y7U+YEU/Y/Uq";
  const kinds = new Uint8Array(256);
  for (let i = 0, at = 0; i < 58; at += runs.charCodeAt(i + 1) - 40, i += 2) {
    kinds.fill(runs.charCodeAt(i) - 65, at, 255);
  }

  const table = new Int16Array(1 << 22);
  const weights = new Float64Array(INPUTS * 16 * 8).fill(0.3);
  const contexts = new Int32Array(INPUTS);
  const slots = new Int32Array(INPUTS);
  const chosen = new Int32Array(INPUTS);
  const inputs = new Float64Array(INPUTS);

  const last = new Int32Array(257);
  const stack = new Int32Array(size + 2);
  let height = 2;
  let [opcode, token, before, left, operand, limit, depth, begin, number] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let [bytes, recent, older] = [0, 0, 0];

  let range = 1;
  let offset = 0;
  let read = 0;
  // Four bits behind those in `byte`, which begin with a one.
  const half = (byte, set) => {
    for (let i = 0; i < INPUTS; i++) {
      let hash = imul(contexts[i] + mix(byte, i), 0x85ebca6b);
      hash = imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      const check = ((hash << 16) >> 16) | 1;
      let slot = (hash >>> 14) << 4;
      for (let tries = 8; table[slot] !== check; ) {
        if (table[slot] * tries-- !== 0) slot = (slot + 16) % 4194304;
        else table[slot] = check;
      }
      slots[i] = slot;
    }
    let node = 1;
    while (node < 16) {
      let dot = 0;
      for (let i = 0; i < INPUTS; i++) {
        const counter = table[slots[i] + node];
        const weight = (chosen[i] = ((set + i) << 4) + ((counter << 28) >>> 28));
        const input = (inputs[i] = stretched[(counter >> 4) + 2048]);
        dot += input * weights[weight];
      }
      const chance = squashed[max(0, min(4095, dot * 160 + 2048)) >> 0];
      while (range < 8388608) {
        range *= 85;
        offset = offset * 85 + (read < text.length ? values[text.charCodeAt(read++)] : 0);
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
      const error = (bit - chance) * 0.008;
      for (let i = 0; i < INPUTS; i++) {
        weights[chosen[i]] += error * inputs[i];
        const cell = slots[i] + node;
        const counter = table[cell];
        const count = (counter << 28) >>> 28;
        const probability = counter >> 4;
        const step = (imul(bit * 4095 - 2048 - probability, rates[count]) + bit * 65535) >> 16;
        table[cell] = ((probability + step) << 4) + min(count + 1, 15);
      }
      node = node * 2 + bit;
    }
    return byte * 16 + node - 16;
  };

  for (let position = 0; position < size; ) {
    if (position === code) {
      begin = position;
      opcode = token = 255;
      left = 1;
      operand = 0;
      limit = 128;
    }
    if (position === end) left = token = 0;
    const inside = position < code ? false : position < end;
    contexts[0] = mix(mix(token, height), recent << 16);
    contexts[1] = mix(mix(token, last[left > 0 ? opcode : 256]), recent << 24);
    contexts[2] = mix(mix(token, number), before);
    contexts[3] = mix(mix(token, recent), older << 16);
    contexts[4] = mix(token, height);
    contexts[5] = mix(token, bytes);
    contexts[6] = mix(token, bytes << 24);
    const set = (left > 0 ? (opcode === 65 ? 1 : 2 + min(operand, 2)) : inside ? 0 : 5) * INPUTS;
    const byte = half(half(1, set), set) - 256;
    target[position++] = byte;

    bytes = (bytes << 8) + byte;
    if (left > 0) {
      token = mix(token + 1, byte);
      if (byte < limit) {
        left--;
        if (operand++ === 0) {
          if (opcode === 14) left = byte + 1;
          if (opcode === 255) left = byte * 2;
        }
        if (opcode % 241 === 14) token = opcode + (operand % 2);
      }
    } else {
      opcode = byte;
      token = mix(1, byte);
      operand = 0;
      limit = 128;
      if (inside) {
        left = kinds[byte] % 4;
        if (left > 2) {
          left = 8;
          limit = 256;
        }
        if (byte > 1) {
          if (byte < 5) depth++;
        }
        if (byte === 11) depth--;
      }
    }
    if (left > 0) continue;
    last[opcode] = token;
    before = token;
    older = (older << 8) + (recent >>> 24);
    recent = (recent << 8) + opcode;
    if (inside) {
      const pops = (kinds[opcode] >> 2) % 4;
      height = pops > 2 ? 2 : max(2, height - pops);
      if (kinds[opcode] > 15) stack[height++] = token;
    }
    token = 0;
    if (depth < 0) {
      depth = 0;
      number++;
      let length = position - begin;
      const extra = length > 16383 ? 3 : length > 127 ? 2 : 1;
      target.copyWithin(begin + extra, begin, position);
      position += extra;
      for (; length > 127; length >>= 7) target[begin++] = (length % 128) + 128;
      target[begin] = length;
      begin = position;
      opcode = token = 255;
      left = 1;
      limit = 128;
      operand = 0;
    }
  }
  return target;
}
