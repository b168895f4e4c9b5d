//! Every name, literal and status of a rule set, each once.

use alloc::vec::Vec;

/// The number of a text in [`Texts`].
pub(super) type TextId = u32;

#[derive(Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    index: Index,
}

impl Texts {
    pub fn get(&self, id: TextId) -> &[u8] {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.bytes[start..self.ends[id] as usize]
    }

    /// The text of a token: without its quotes, in which a quote is doubled; a bare name in lower case, as SQL reads
    /// names without regard to case.
    pub fn intern(&mut self, token: &[u8]) -> TextId {
        let start = self.bytes.len();
        match token {
            [quote @ (b'\'' | b'"'), content @ .., _] => {
                // Whether the byte is the first of two quotes, which stand for one.
                let mut first = false;
                for byte in content {
                    first = byte == quote && !first;
                    if first || byte != quote {
                        self.bytes.push(*byte);
                    }
                }
            }
            _ => self.bytes.extend(token.iter().map(u8::to_ascii_lowercase)),
        }
        // FNV-1a.
        let mut hash = 0x811C_9DC5u32;
        for &byte in &self.bytes[start..] {
            hash = (hash ^ byte as u32).wrapping_mul(0x0100_0193);
        }
        let mut index = core::mem::take(&mut self.index);
        let new = self.ends.len() as TextId;
        let id = index.number(hash, new, |id| self.get(id) == &self.bytes[start..]);
        self.index = index;
        if id == new {
            self.ends.push(self.bytes.len() as u32);
        } else {
            self.bytes.truncate(start);
        }
        id
    }
}

/// A hash table from keys, which its user keeps, to their numbers.
#[derive(Default)]
pub(super) struct Index {
    /// Hash and number plus one; 0 is a free slot. The length is a power of two.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl Index {
    /// The number of the key with this hash that is `equal`, or `new` from now on.
    pub fn number(&mut self, hash: u32, new: u32, equal: impl Fn(u32) -> bool) -> u32 {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                (_, 0) => {
                    self.slots[slot] = (hash, new + 1);
                    self.used += 1;
                    return new;
                }
                (other, number) if other == hash && equal(number - 1) => return number - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[inline(never)]
    fn grow(&mut self) {
        let mut slots = Vec::new();
        slots.resize((self.slots.len() * 2).max(16), (0, 0));
        let mask = slots.len() - 1;
        for &(hash, number) in self.slots.iter().filter(|(_, number)| *number != 0) {
            let mut slot = hash as usize & mask;
            while slots[slot].1 != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = (hash, number);
        }
        self.slots = slots;
    }
}
