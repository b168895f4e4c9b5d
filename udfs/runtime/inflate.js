// The module travels as raw deflate in base 85: five digits for four bytes, a twentieth shorter than base64. The digits
// are the printable ASCII characters except those that quotes, escapes and templates mean something by, in order.
function digitValues() {
  const values = new Uint8Array(127);
  for (let code = 33, value = 0; code < 127; code++) {
    if (![34, 36, 38, 39, 60, 92, 96, 123].includes(code)) values[code] = value++;
  }
  return values;
}

function base85(text) {
  const values = digitValues();
  const bytes = new Uint8Array((text.length / 5) * 4);
  for (let i = 0, at = 0; i < text.length; at += 4) {
    let group = 0;
    for (const end = i + 5; i < end; i++) group = group * 85 + values[text.charCodeAt(i)];
    // Storing into bytes keeps the lowest eight bits.
    bytes[at] = group >>> 24;
    bytes[at + 1] = group >>> 16;
    bytes[at + 2] = group >>> 8;
    bytes[at + 3] = group;
  }
  return bytes;
}

// A canonical Huffman code as the number of codes of each length, and the symbols in the order of their codes.
function huffman(lengths) {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  const next = new Uint16Array(16);
  for (let length = 1; length < 15; length++) next[length + 1] = next[length] + counts[length];
  const symbols = new Uint16Array(288);
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[next[length]++] = symbol;
  });
  return [counts, symbols];
}

// RFC 1951. Small rather than fast: it runs once per instance, over some 20 KB.
function inflate(source, size) {
  const target = new Uint8Array(size);
  let end = 0;
  let position = 0;
  // At most 16 bits, which lie in at most three bytes; beyond the end there are zeros.
  const bits = (count) => {
    const at = position >> 3;
    const three = source[at] + (source[at + 1] << 8) + (source[at + 2] << 16);
    const value = (three >> (position % 8)) % (1 << count);
    position += count;
    return value;
  };
  const symbol = (code) => {
    const counts = code[0];
    for (let length = 1, value = 0, first = 0, index = 0; ; length++) {
      value += (source[position >> 3] >> (position % 8)) % 2;
      position++;
      const count = counts[length];
      if (value < first + count) return code[1][index + value - first];
      index += count;
      first = (first + count) * 2;
      value *= 2;
    }
  };
  // Lengths and distances share one rule: the first values stand for themselves, then every `step` values bring one
  // more extra bit.
  const extended = (index, step, start) => {
    if (index < 2 * step) return index + start;
    const extra = ((index / step) >> 0) - 1;
    return ((step + (index % step)) << extra) + start + bits(extra);
  };
  let last = 0;
  while (last === 0) {
    last = bits(1);
    const type = bits(2);
    if (type === 0) {
      position = ((position + 7) >> 3) << 3;
      let length = bits(16);
      position += 16;
      while (length-- > 0) target[end++] = bits(8);
      continue;
    }
    const lengths = [];
    let literals = 288;
    if (type === 1) {
      while (lengths.length < 320) {
        const index = lengths.length;
        lengths.push(index < 144 ? 8 : index < 256 ? 9 : index < 280 ? 7 : index < 288 ? 8 : 5);
      }
    } else {
      literals = bits(5) + 257;
      const all = literals + bits(5) + 1;
      const used = bits(4) + 4;
      const order = new Array(19).fill(0);
      for (let i = 0; i < used; i++)
        order[[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15][i]] = bits(3);
      const code = huffman(order);
      while (lengths.length < all) {
        const next = symbol(code);
        let value = 0;
        let times = 1;
        if (next < 16) value = next;
        else if (next === 16) {
          value = lengths[lengths.length - 1];
          times = bits(2) + 3;
        } else times = next === 17 ? bits(3) + 3 : bits(7) + 11;
        while (times-- > 0) lengths.push(value);
      }
    }
    const literal = huffman(lengths.slice(0, literals));
    const distance = huffman(lengths.slice(literals));
    for (;;) {
      const next = symbol(literal);
      if (next < 256) target[end++] = next;
      else if (next === 256) break;
      else {
        let length = next === 285 ? 258 : extended(next - 257, 4, 3);
        const back = extended(symbol(distance), 2, 1);
        for (; length > 0; length--, end++) target[end] = target[end - back];
      }
    }
  }
  return target;
}
