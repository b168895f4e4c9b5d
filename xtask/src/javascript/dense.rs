//! A denser container for a module than deflate: a model of WebAssembly that predicts every bit, and an arithmetic coder.

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

/// A packed module.
pub struct Packed {
    /// The arithmetic coder's digits.
    pub digits: Vec<u8>,
    /// Where the first function's length stands.
    pub code: usize,
    /// Where the last function ends.
    pub end: usize,
}

impl Packed {
    /// The digits' worth in bytes, for comparison.
    pub fn bytes(&self) -> usize {
        (self.digits.len() * 4).div_ceil(5)
    }
}

/// How many digits there are.
const BASE: u32 = 85;

const INPUTS: usize = 7;
const RUNS: &[u8] = b"M*N+M/N+M)N)O)E1Y-R)F)V)R)F,W6K1R,T*U)Y2U)Y>U+Y7U+YEU/Y/Uq";
const SLOTS: usize = 1 << 18;

/// Packs a module.
///
/// # Errors
/// If unpacking would not give the very same bytes.
pub fn pack(module: &[u8]) -> Result<Packed> {
    let (code, end, stream) = without_lengths(module)?;
    let mut encoder = Encoder::new();
    let mut model = Model::new(module.len(), code, end);
    let mut stream = stream.iter();
    while model.target.len() < module.len() {
        let byte = *stream.next().context("the model lost its way")?;
        let mut left = 8;
        model.byte(|chance| {
            left -= 1;
            let bit = byte >> left & 1;
            encoder.encode(bit == 1, chance);
            u32::from(bit)
        });
    }
    let packed = Packed { digits: encoder.finish(), code, end };
    ensure!(model.target == module, "the model did not follow the module");
    ensure!(unpack(&packed, module.len()) == module, "unpacking gives something else");
    Ok(packed)
}

/// What `pack` packed.
fn unpack(packed: &Packed, size: usize) -> Vec<u8> {
    let mut decoder = Decoder { digits: &packed.digits, range: 1, offset: 0 };
    let mut model = Model::new(size, packed.code, packed.end);
    while model.target.len() < size {
        model.byte(|chance| decoder.decode(chance));
    }
    model.target.truncate(size);
    model.target
}

/// Where the first function's length stands, where the last function ends, and the module without the lengths of its functions.
fn without_lengths(module: &[u8]) -> Result<(usize, usize, Vec<u8>)> {
    let (mut code, mut end) = (0, 0);
    let mut stream = Vec::new();
    let mut copied = 0;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            let body = body.range();
            let length = leb_length(body.len());
            if code == 0 {
                code = body.start - length;
            }
            stream.extend_from_slice(&module[copied..body.start - length]);
            copied = body.start;
            end = body.end;
        }
    }
    if code == 0 {
        bail!("there is no function");
    }
    stream.extend_from_slice(&module[copied..]);
    Ok((code, end, stream))
}

fn leb_length(value: usize) -> usize {
    match value {
        0..=127 => 1,
        128..=16383 => 2,
        _ => 3,
    }
}

fn mix(a: i32, b: i32) -> i32 {
    a.wrapping_mul(0x2c1b_3c6d).wrapping_add(b)
}

/// The model.
struct Model {
    target: Vec<u8>,
    code: usize,
    end: usize,
    stretched: Vec<f64>,
    squashed: Vec<f64>,
    rates: [i32; 16],
    kinds: [u8; 256],
    table: Vec<i16>,
    weights: Vec<f64>,
    last: [i32; 257],
    stack: Vec<i32>,
    opcode: usize,
    token: i32,
    before: i32,
    left: usize,
    operand: i32,
    limit: i32,
    depth: i32,
    begin: usize,
    number: i32,
    bytes: i32,
    recent: i32,
    older: i32,
}

impl Model {
    fn new(size: usize, code: usize, end: usize) -> Self {
        let mut stretched = vec![0.0; 4096];
        let mut sum = 0.0;
        for i in 1..2048 {
            sum += 4096.0 / f64::from((2048 + i as i32) * (2048 - i as i32));
            stretched[2048 + i] = sum;
            stretched[2047 - i] = -sum;
        }
        let mut squashed = Vec::new();
        let mut power = 362217.45;
        for _ in 0..4096 {
            squashed.push(1.0 / (1.0 + power));
            power *= 0.9937694906233918;
        }
        let mut rates = [0; 16];
        for (i, rate) in rates.iter_mut().enumerate() {
            *rate = (65536.0 / (i as f64 + 1.3).min(10.0)) as i32;
        }
        let mut kinds = [0; 256];
        let mut at = 0;
        for run in RUNS.chunks(2) {
            kinds[at..255].fill(run[0] - 65);
            at += usize::from(run[1] - 40);
        }
        Model {
            target: Vec::with_capacity(size),
            code,
            end,
            stretched,
            squashed,
            rates,
            kinds,
            table: vec![0; SLOTS * 16],
            weights: vec![0.3; INPUTS * 16 * 8],
            last: [0; 257],
            stack: vec![0; 2],
            opcode: 0,
            token: 0,
            before: 0,
            left: 0,
            operand: 0,
            limit: 0,
            depth: 0,
            begin: 0,
            number: 0,
            bytes: 0,
            recent: 0,
            older: 0,
        }
    }

    /// Hands the chances that bits are set to `code`, which answers with the bits, and takes note of the byte that they make.
    fn byte(&mut self, mut code: impl FnMut(f64) -> u32) {
        let position = self.target.len();
        if position == self.code {
            self.function();
        }
        if position == self.end {
            self.left = 0;
            self.token = 0;
        }
        let inside = position >= self.code && position < self.end;
        let (token, height) = (self.token, self.stack.len() as i32);
        let last = self.last[if self.left > 0 { self.opcode } else { 256 }];
        let contexts: [i32; INPUTS] = [
            mix(mix(token, height), self.recent << 16),
            mix(mix(token, last), self.recent << 24),
            mix(mix(token, self.number), self.before),
            mix(mix(token, self.recent), self.older << 16),
            mix(token, height),
            mix(token, self.bytes),
            mix(token, self.bytes << 24),
        ];
        let set = if self.left > 0 {
            if self.opcode == 65 { 1 } else { 2 + self.operand.min(2) }
        } else if inside {
            0
        } else {
            5
        };
        let mut byte = 1;
        for _ in 0..2 {
            let slots = std::array::from_fn(|i| self.slot(contexts[i].wrapping_add(mix(byte, i as i32))));
            byte = byte * 16 + self.half(&slots, set as usize, &mut code) - 16;
        }
        self.note((byte - 256) as u8, inside);
    }

    fn slot(&mut self, context: i32) -> usize {
        let hash = context.wrapping_mul(0x85eb_ca6b_u32 as i32);
        let hash = (hash ^ (hash as u32 >> 15) as i32).wrapping_mul(0x2c1b_3c6d);
        let check = hash as i16 | 1;
        let mut slot = (hash as u32 >> 14 << 4) as usize;
        let mut tries = 8;
        while self.table[slot] != check {
            if self.table[slot] != 0 && tries > 0 {
                slot = (slot + 16) % (SLOTS * 16);
            } else {
                self.table[slot] = check;
            }
            tries -= 1;
        }
        slot
    }

    fn half(&mut self, slots: &[usize; INPUTS], set: usize, code: &mut impl FnMut(f64) -> u32) -> i32 {
        let mut node = 1;
        while node < 16 {
            let mut dot = 0.0;
            let mut chosen = [0; INPUTS];
            let mut inputs = [0.0; INPUTS];
            for i in 0..INPUTS {
                let counter = self.table[slots[i] + node];
                chosen[i] = (set * INPUTS + i) * 16 + (counter & 15) as usize;
                inputs[i] = self.stretched[((counter >> 4) + 2048) as usize];
                dot += inputs[i] * self.weights[chosen[i]];
            }
            let chance = self.squashed[(dot * 160.0 + 2048.0).clamp(0.0, 4095.0) as usize];
            let bit = code(chance) as i32;
            let error = (f64::from(bit) - chance) * 0.008;
            for i in 0..INPUTS {
                self.weights[chosen[i]] += error * inputs[i];
                let counter = &mut self.table[slots[i] + node];
                let (probability, count) = (i32::from(*counter >> 4), *counter & 15);
                let step = ((bit * 4095 - 2048 - probability) * self.rates[count as usize] + bit * 65535) >> 16;
                *counter = ((probability + step) << 4) as i16 + (count + 1).min(15);
            }
            node = node * 2 + bit as usize;
        }
        node as i32
    }

    fn note(&mut self, byte: u8, inside: bool) {
        self.target.push(byte);
        let value = i32::from(byte);
        self.bytes = (self.bytes << 8) + value;
        if self.left > 0 {
            self.token = mix(self.token.wrapping_add(1), value);
            if value < self.limit {
                self.left -= 1;
                if self.operand == 0 && self.opcode == 14 {
                    self.left = usize::from(byte) + 1;
                }
                if self.operand == 0 && self.opcode == 255 {
                    self.left = usize::from(byte) * 2;
                }
                self.operand += 1;
                if self.opcode % 241 == 14 {
                    self.token = self.opcode as i32 + self.operand % 2;
                }
            }
        } else {
            self.opcode = usize::from(byte);
            self.token = mix(1, value);
            self.operand = 0;
            self.limit = 128;
            if inside {
                self.left = usize::from(self.kinds[self.opcode] % 4);
                if self.left > 2 {
                    self.left = 8;
                    self.limit = 256;
                }
                if (2..5).contains(&byte) {
                    self.depth += 1;
                }
                if byte == 11 {
                    self.depth -= 1;
                }
            }
        }
        if self.left == 0 {
            self.instruction(inside);
        }
    }

    fn instruction(&mut self, inside: bool) {
        self.last[self.opcode] = self.token;
        self.before = self.token;
        self.older = (self.older << 8) + (self.recent as u32 >> 24) as i32;
        self.recent = (self.recent << 8) + self.opcode as i32;
        if inside {
            let kind = self.kinds[self.opcode];
            let pops = usize::from(kind >> 2 & 3);
            let height = if pops > 2 { 2 } else { (self.stack.len() - pops).max(2) };
            self.stack.truncate(height);
            if kind > 15 {
                self.stack.push(self.token);
            }
        }
        self.token = 0;
        if self.depth < 0 {
            self.depth = 0;
            self.number += 1;
            let mut length = self.target.len() - self.begin;
            let mut leb = Vec::new();
            while length > 127 {
                leb.push((length % 128 + 128) as u8);
                length >>= 7;
            }
            leb.push(length as u8);
            self.target.splice(self.begin..self.begin, leb);
            self.function();
        }
    }

    /// A function begins.
    fn function(&mut self) {
        self.begin = self.target.len();
        self.opcode = 255;
        self.token = 255;
        self.left = 1;
        self.operand = 0;
        self.limit = 128;
    }
}

/// The decoder's side of the arithmetic coder.
struct Decoder<'a> {
    digits: &'a [u8],
    range: u32,
    offset: u32,
}

impl Decoder<'_> {
    fn decode(&mut self, chance: f64) -> u32 {
        while self.range < 1 << 23 {
            let (digit, rest) = self.digits.split_first().map_or((0, &[][..]), |(digit, rest)| (*digit, rest));
            self.digits = rest;
            self.range *= BASE;
            self.offset = self.offset * BASE + u32::from(digit);
        }
        let split = (f64::from(self.range) * chance) as u32;
        if self.offset < split {
            self.range = split;
            return 1;
        }
        self.offset -= split;
        self.range -= split;
        0
    }
}

/// The encoder's side.
struct Encoder {
    /// All digits but the last five.
    digits: Vec<u8>,
    /// The last five, as a number.
    low: u64,
    range: u32,
}

const WINDOW: u64 = 85 * 85 * 85 * 85 * 85;

impl Encoder {
    fn new() -> Self {
        Encoder { digits: Vec::new(), low: 0, range: 1 }
    }

    fn encode(&mut self, bit: bool, chance: f64) {
        while self.range < 1 << 23 {
            self.shift();
            self.range *= BASE;
        }
        let split = (f64::from(self.range) * chance) as u32;
        if bit {
            self.range = split;
        } else {
            self.low += u64::from(split);
            self.range -= split;
        }
        self.carry();
    }

    fn carry(&mut self) {
        if self.low < WINDOW {
            return;
        }
        self.low -= WINDOW;
        for digit in self.digits.iter_mut().rev() {
            *digit += 1;
            if u32::from(*digit) < BASE {
                return;
            }
            *digit = 0;
        }
    }

    fn shift(&mut self) {
        self.digits.push((self.low / (WINDOW / 85)) as u8);
        self.low = self.low % (WINDOW / 85) * 85;
    }

    fn finish(mut self) -> Vec<u8> {
        // Rounded up to as few digits as name a number within the range: the rest is read as zeros.
        let mut unit = WINDOW;
        while unit > u64::from(self.range) {
            unit /= 85;
        }
        self.low = self.low.next_multiple_of(unit);
        self.carry();
        for _ in 0..5 {
            self.shift();
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        // Before the first digit were five zeros.
        self.digits.drain(..5);
        self.digits
    }
}
