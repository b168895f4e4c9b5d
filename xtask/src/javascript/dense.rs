//! A denser container for a module than deflate: a model predicts every bit of the module from what came before it, and
//! an arithmetic coder spends on the bit what the prediction leaves open. `udfs/runtime/dense.js` unpacks.
//!
//! **The model** follows the instructions: it knows which byte is an opcode and which belongs to which operand, how deep
//! the blocks are nested, and, roughly, which instruction left what on the stack. From that it makes eight contexts for
//! every byte (the last opcodes, the last bytes, the top of the stack, the last operand of the same opcode, ...). For
//! every context and the bits of the byte that are known there is a counter: the chance that the next bit is set, and how
//! often the context has been seen, and whether the bit was set last time. A neural network of one layer, which learns as
//! it goes, makes one chance out of eight; its weights belong to the opcode and to that experience with the context. Data and everything else outside
//! the code passes as instructions without operands.
//!
//! **Left out** are the lengths of the functions, which the model knows when a function ends. So it must follow the
//! nesting of blocks exactly; everything else it gets wrong about a module only costs bits.
//!
//! **The same numbers on both sides**, in every engine: only integers and + - * / of doubles in a fixed order. The logistic
//! function is a table made by multiplication, its inverse one made by summing up its derivative.
//!
//! **The coder** works in base 86, so that its digits are characters of the body. It keeps the range between 10^7 and 86
//! times that, which are small integers in every V8.

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
    /// What the digits would take as bytes.
    pub fn bytes(&self) -> usize {
        // A digit is 6.426 bits.
        (self.digits.len() * 6426).div_ceil(8000)
    }
}

/// How many digits there are.
const BASE: u32 = 86;

/// The contexts of a byte.
const INPUTS: usize = 8;
/// Runs of opcodes of the same kind: 65 + kind, 40 + length, the last run open. A kind is the number of operands (3: the
/// bytes of a float), plus four times the number of values it takes from the stack (3: all), plus 16 if it leaves one.
/// 28 ends a block, 29 begins one.
const RUNS: &[u8] = b"M*^+M.])N+M)N)O)E1Y-R)F)V)R)F,W6K1R,T*U)Y2U)Y>U+Y7U+YEU/Y/U~";
/// Slots of 16 counters: a check, and one for each beginning of four bits.
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
            i32::from(bit)
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
            let length = leb(body.len()).len();
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

/// As the compiler writes it: in as few bytes as possible.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push((value % 128 + 128) as u8);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A hash of two numbers.
fn mix(a: i32, b: i32) -> i32 {
    let product = a.wrapping_add(b).wrapping_mul(0x2c1b_3c6d);
    product ^ (product as u32 >> 15) as i32
}

/// What `udfs/runtime/dense.js` computes, under the same names.
struct Model {
    /// The bytes so far, with the lengths of the functions that have ended.
    target: Vec<u8>,
    /// Where in `target` the next function begins, and where the last one ends.
    begin: usize,
    end: usize,
    stretched: Vec<f64>,
    squashed: Vec<f64>,
    rates: [i32; 8],
    kinds: [u8; 256],
    counters: Vec<i16>,
    weights: Vec<f64>,
    biases: Vec<f64>,
    /// The last instruction with every opcode.
    last: [i32; 256],
    /// What has left something on the stack, above two zeros.
    stack: Vec<i32>,
    /// The last bytes, the last eight opcodes, the last instruction, and the number of functions before this one.
    bytes: i32,
    recent: i32,
    older: i32,
    before: i32,
    number: i32,
    /// The instruction that is being read: its opcode, kind and hash, how many operands are missing, the number of those
    /// read, the first one's value and the worth of its next byte, the byte from which on an operand goes on.
    opcode: usize,
    kind: u8,
    token: i32,
    left: usize,
    operand: i32,
    count: usize,
    scale: usize,
    limit: i32,
    /// How many blocks are open in the function; less than zero outside functions.
    depth: i32,
}

impl Model {
    fn new(size: usize, begin: usize, end: usize) -> Self {
        let (mut stretched, mut squashed) = (Vec::new(), Vec::new());
        let (mut sum, mut power) = (-8.896, 362217.45);
        for i in 0..4096 {
            stretched.push(sum);
            squashed.push(1.0 / (1.0 + power));
            sum += 4096.0 / f64::from((i + 1) * (4095 - i));
            power *= 0.99377;
        }
        let mut kinds = [0; 256];
        let mut at = 0;
        for run in RUNS.chunks(2) {
            kinds[at..].fill(run[0] - 65);
            at += usize::from(run[1] - 40);
        }
        Model {
            target: Vec::with_capacity(size),
            begin,
            end,
            stretched,
            squashed,
            rates: std::array::from_fn(|i| (65536.0 / (i as f64 + 1.2).min(8.0)) as i32),
            kinds,
            counters: vec![0; SLOTS * 16 + 512],
            weights: vec![0.2; 512 * 16 * INPUTS],
            biases: vec![0.0; 512 * 16 * INPUTS],
            last: [0; 256],
            stack: vec![0; 2],
            bytes: 0,
            recent: 0,
            older: 0,
            before: 0,
            number: 0,
            opcode: 0,
            kind: 0,
            token: 0,
            left: 0,
            operand: 0,
            count: 0,
            scale: 1,
            limit: 128,
            depth: -1,
        }
    }

    /// Hands the chance that a bit is set to `code`, which answers with the bit, eight times, and takes note of the byte.
    fn byte(&mut self, mut code: impl FnMut(f64) -> i32) {
        let position = self.target.len();
        if position == self.begin && position < self.end {
            self.opcode = 255;
            self.token = 255;
            self.kind = 0;
            self.depth = 0;
            self.left = 1;
        }
        let height = self.stack.len() as i32;
        let contexts = [
            0,
            self.recent,
            mix(self.recent, self.older << 8),
            self.bytes << 8,
            mix(height, self.recent << 24),
            mix(height, self.stack[self.stack.len() - 2]),
            mix(self.last[self.opcode], self.recent << 16),
            mix(self.number, self.before),
        ];
        let set = match (self.left, self.kind) {
            (0, 0) => 256,
            (0, _) => self.opcode + 256,
            _ => self.opcode,
        } * INPUTS;
        let known = self.half(&contexts, 1, set, &mut code);
        let known = self.half(&contexts, known, set, &mut code);
        self.note((known - 256) as u8);
    }

    /// The four bits after those in `known`, which begin with a one.
    fn half(&mut self, contexts: &[i32; INPUTS], known: i32, set: usize, code: &mut impl FnMut(f64) -> i32) -> i32 {
        let slots: [usize; INPUTS] =
            std::array::from_fn(|i| self.slot(mix(mix(mix(contexts[i], self.token), known), i as i32)));
        let mut node = 1;
        while node < 16 {
            let mut sum = 0.0;
            let mut chosen = [0; INPUTS];
            let mut inputs = [0.0; INPUTS];
            for i in 0..INPUTS {
                let counter = self.counters[slots[i] + node];
                chosen[i] = (set + i) * 16 + (counter & 15) as usize;
                inputs[i] = self.stretched[((counter >> 4) + 2048) as usize];
                sum += inputs[i] * self.weights[chosen[i]] + self.biases[chosen[i]];
            }
            let chance = self.squashed[(sum * 160.0 + 2048.0).clamp(0.0, 4095.0) as usize];
            let bit = code(chance);
            let error = (f64::from(bit) - chance) * 0.006;
            for i in 0..INPUTS {
                self.weights[chosen[i]] += error * inputs[i];
                self.biases[chosen[i]] += error * 2.0;
                let counter = &mut self.counters[slots[i] + node];
                let (chance, count) = (i32::from(*counter >> 4), i32::from(*counter & 7));
                // Rounded away from where the counter is, or it would never come to its ends.
                let step = ((bit * 4095 - 2048 - chance) * self.rates[count as usize] + bit * 65535) >> 16;
                *counter = (((chance + step) << 4) + bit * 8 + (count + 1).min(7)) as i16;
            }
            node = node * 2 + bit as usize;
        }
        known * 16 + node as i32 - 16
    }

    /// The first of a context's 16 places among the counters; at the first is the context's check.
    fn slot(&mut self, hash: i32) -> usize {
        let check = hash as i16 | 1;
        let mut slot = (hash as u32 >> 14 << 4) as usize;
        let mut tries = 16;
        while self.counters[slot] != check {
            if self.counters[slot] != 0 && tries > 0 {
                tries -= 1;
                slot += 16;
            } else {
                self.counters[slot] = check;
            }
        }
        slot
    }

    fn note(&mut self, byte: u8) {
        self.target.push(byte);
        let value = i32::from(byte);
        self.bytes = (self.bytes << 8) + value;
        if self.left > 0 {
            self.token = mix(self.token.wrapping_add(1), value);
            if self.operand == 0 {
                // The bytes of a double, or of a long constant, are no length: nobody asks for what overflows.
                self.count = self.count.wrapping_add(usize::from(byte % 128).wrapping_mul(self.scale));
                self.scale = self.scale.wrapping_mul(128);
            }
            if value < self.limit {
                self.left -= 1;
                if self.operand == 0 && self.opcode == 14 {
                    self.left = self.count.wrapping_add(1);
                }
                if self.operand == 0 && self.opcode == 255 {
                    self.left = self.count.wrapping_mul(2);
                }
                self.operand += 1;
                if self.opcode % 241 == 14 {
                    self.token = self.opcode as i32 + self.operand % 2;
                }
            }
        } else {
            self.opcode = usize::from(byte);
            self.token = mix(1, value);
            self.kind = if self.depth < 0 { 0 } else { self.kinds[self.opcode] };
            self.left = usize::from(self.kind % 4);
            if self.left > 2 {
                self.left = if byte == 67 { 4 } else { 8 };
                self.limit = 256;
            }
            self.depth += i32::from(self.kind == 29) - i32::from(self.kind == 28);
        }
        if self.left == 0 {
            self.instruction();
        }
    }

    /// Takes note of an instruction that is complete, and of the end of a function.
    fn instruction(&mut self) {
        self.last[self.opcode] = self.token;
        self.before = self.token;
        self.older = (self.older << 8) + (self.recent as u32 >> 24) as i32;
        self.recent = (self.recent << 8) + self.opcode as i32;
        let pops = usize::from(self.kind >> 2) % 4;
        let height = if pops > 2 { 2 } else { self.stack.len().saturating_sub(pops).max(2) };
        self.stack.truncate(height);
        if self.kind > 15 {
            self.stack.push(self.token);
        }
        (self.token, self.operand, self.count, self.scale, self.limit) = (0, 0, 0, 1, 128);
        if self.kind == 28 && self.depth < 0 {
            self.number += 1;
            let length = leb(self.target.len() - self.begin);
            self.target.splice(self.begin..self.begin, length);
            self.begin = self.target.len();
        }
    }
}

/// The decoder's side of the arithmetic coder.
struct Decoder<'a> {
    digits: &'a [u8],
    range: u32,
    offset: u32,
}

impl Decoder<'_> {
    fn decode(&mut self, chance: f64) -> i32 {
        while self.range < 10_000_000 {
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

/// What the last five digits are worth.
const WINDOW: u64 = (BASE as u64).pow(5);

impl Encoder {
    fn new() -> Self {
        Encoder { digits: Vec::new(), low: 0, range: 1 }
    }

    fn encode(&mut self, bit: bool, chance: f64) {
        while self.range < 10_000_000 {
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
        let base = u64::from(BASE);
        self.digits.push((self.low / (WINDOW / base)) as u8);
        self.low = self.low % (WINDOW / base) * base;
    }

    /// The digits: as many as the decoder reads.
    fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        // Before the first digit that counts went out five zeros.
        self.digits.drain(..5);
        self.digits
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        BlockType, CodeSection, ConstExpr, DataSection, Function, FunctionSection, Instruction, MemArg, Module,
        TypeSection, ValType,
    };

    use super::*;

    /// A module of random instructions in blocks that are closed, which need not be valid otherwise.
    fn module(random: &mut fastrand::Rng, functions: usize, length: usize) -> Vec<u8> {
        let (mut types, mut declared, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        for _ in 0..functions {
            declared.function(0);
            let locals: Vec<_> = (0..random.u32(..4)).map(|_| (random.u32(..300), ValType::F64)).collect();
            let mut function = Function::new(locals);
            let mut depth = 0;
            for _ in 0..random.usize(..=length) {
                instruction(random, &mut function, &mut depth);
            }
            for _ in 0..=depth {
                function.instruction(&Instruction::End);
            }
            code.function(&function);
        }
        let mut data = DataSection::new();
        let bytes: Vec<u8> = (0..random.usize(..2000)).map(|_| random.u8(..)).collect();
        data.active(0, &ConstExpr::i32_const(8), bytes);
        let mut module = Module::new();
        module.section(&types).section(&declared).section(&code).section(&data);
        module.finish()
    }

    fn instruction(random: &mut fastrand::Rng, function: &mut Function, depth: &mut u32) {
        let place = MemArg { offset: random.u64(..70_000), align: random.u32(..4), memory_index: 0 };
        // Operands of one byte and of several.
        let bits = random.u32(1..15);
        let index = random.u32(..1 << bits);
        let targets: Vec<u32> = (0..random.u32(..300)).map(|_| random.u32(..9)).collect();
        match random.u32(..20) {
            0 => function.instruction(&Instruction::I32Const(random.i32(..) >> random.u32(..32))),
            1 => function.instruction(&Instruction::I64Const(random.i64(..) >> random.u32(..64))),
            2 => function.instruction(&Instruction::F32Const(random.f32().into())),
            3 => function.instruction(&Instruction::F64Const(random.f64().into())),
            4 => function.instruction(&Instruction::LocalSet(index)),
            5 => function.instruction(&Instruction::LocalTee(index)),
            6 => function.instruction(&Instruction::GlobalGet(index)),
            7 => function.instruction(&Instruction::Call(index)),
            8 => function.instruction(&Instruction::CallIndirect { type_index: index, table_index: 0 }),
            9 => function.instruction(&Instruction::F64Load(place)),
            10 => function.instruction(&Instruction::I32Store8(place)),
            11 => function.instruction(&Instruction::MemoryGrow(0)),
            12 => function.instruction(&Instruction::BrTable(targets.as_slice().into(), index)),
            13 => function.instruction(&Instruction::BrIf(index)),
            14 => function.instruction(&Instruction::I64Mul),
            15 => function.instruction(&Instruction::Select),
            16 | 17 => {
                *depth += 1;
                let kind = BlockType::Result(ValType::I32);
                let block = [Instruction::Block(kind), Instruction::Loop(kind), Instruction::If(kind)];
                function.instruction(&block[random.usize(..3)])
            }
            18 if *depth > 0 => {
                *depth -= 1;
                function.instruction(&Instruction::End)
            }
            _ => function.instruction(&Instruction::LocalGet(index)),
        };
    }

    #[test]
    fn random_modules_come_back() {
        let mut random = fastrand::Rng::with_seed(7);
        // Functions whose lengths have one, two and three bytes.
        for (functions, length) in [(1, 0), (1, 3), (20, 12), (40, 200), (3, 8000)] {
            let module = module(&mut random, functions, length);
            let packed = pack(&module).unwrap();
            assert_eq!(unpack(&packed, module.len()), module);
        }
    }

    #[test]
    fn instructions_that_repeat_take_next_to_nothing() {
        let mut function = Function::new([]);
        for _ in 0..5000 {
            function.instruction(&Instruction::LocalGet(3)).instruction(&Instruction::Drop);
        }
        function.instruction(&Instruction::End);
        let (mut types, mut declared, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        declared.function(0);
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&declared).section(&code);
        let module = module.finish();
        assert!(module.len() > 15_000);
        assert!(pack(&module).unwrap().bytes() < 200);
    }

    #[test]
    fn the_coder_gives_back_every_bit_of_every_chance() {
        let mut random = fastrand::Rng::with_seed(8);
        for length in [0, 1, 7, 50_000] {
            let bits: Vec<(bool, f64)> = (0..length)
                .map(|_| {
                    let chance = [0.000_003, 0.01, 0.5, 0.99, 0.999_997][random.usize(..5)];
                    // Mostly likely ones, or there would be few long runs of carries.
                    (random.f64() < chance, chance)
                })
                .collect();
            let mut encoder = Encoder::new();
            for (bit, chance) in &bits {
                encoder.encode(*bit, *chance);
            }
            let digits = encoder.finish();
            let mut decoder = Decoder { digits: &digits, range: 1, offset: 0 };
            for (at, (bit, chance)) in bits.iter().enumerate() {
                assert_eq!(decoder.decode(*chance), i32::from(*bit), "bit {at} of {length}");
            }
            assert!(decoder.digits.is_empty(), "the decoder reads every digit");
        }
    }

    #[test]
    fn a_carry_runs_through_digits_that_are_full() {
        // Unlikely ones at the upper end of the range, again and again, and then likely ones: the digits stay full until
        // a carry decides.
        let mut bits = vec![(false, 0.999_9); 40];
        bits.extend([(true, 0.5), (false, 0.5)].repeat(50));
        let mut encoder = Encoder::new();
        bits.iter().for_each(|(bit, chance)| encoder.encode(*bit, *chance));
        let digits = encoder.finish();
        let mut decoder = Decoder { digits: &digits, range: 1, offset: 0 };
        assert!(bits.iter().all(|(bit, chance)| decoder.decode(*chance) == i32::from(*bit)));
    }

    #[test]
    fn digits_that_somebody_changed_end_as_well() {
        let mut random = fastrand::Rng::with_seed(9);
        let module = module(&mut random, 10, 100);
        let packed = pack(&module).unwrap();
        for _ in 0..20 {
            let mut digits = packed.digits.clone();
            let at = random.usize(..digits.len());
            digits[at] = (digits[at] + 1) % BASE as u8;
            digits.truncate(random.usize(at..=digits.len()));
            let unpacked = unpack(&Packed { digits, ..packed }, module.len());
            assert_eq!(unpacked.len(), module.len());
        }
    }

    #[test]
    fn a_module_without_functions_is_refused() {
        assert_eq!(pack(&Module::new().finish()).err().unwrap().to_string(), "there is no function");
    }
}
