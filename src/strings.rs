//! The texts of a compiled document, by number.

use crate::abi::Output;
use alloc::vec::Vec;

/// Texts in two allocations: a module has no room for what many small ones cost to free.
#[derive(Default)]
pub(crate) struct Strings {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Strings {
    /// Adds a text and returns its number.
    #[inline(never)]
    pub fn add(&mut self, string: &[u8]) -> u32 {
        self.text.extend_from_slice(string);
        self.ends.push(self.text.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number that [`add`](Self::add) gave.
    #[inline(never)]
    pub fn get(&self, index: u32) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index as usize - 1] };
        &self.text[start as usize..self.ends[index as usize] as usize]
    }

    /// The number of the first text that reads so.
    #[inline(never)]
    pub fn position(&self, string: &[u8]) -> Option<u32> {
        (0..self.ends.len() as u32).find(|&index| self.get(index) == string)
    }

    /// Writes all texts as a dictionary.
    pub fn describe(&self, out: &mut Output) {
        out.list(self.ends.len());
        (0..self.ends.len()).for_each(|index| out.text(self.get(index as u32)));
    }
}
