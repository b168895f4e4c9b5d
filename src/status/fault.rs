//! What is wrong with a rule text, and where.

use crate::Error;
use crate::digits::push_integer;
use alloc::string::String;

/// A refusal of the rule text at a byte offset. The message never quotes a literal.
pub(super) struct Fault {
    pub at: usize,
    message: String,
}

/// Says that a [`Fault`] has been left where the caller finds it: results without the fault inside cost a module a
/// third of its size.
pub(super) struct Failed;

pub(super) type Result<T> = core::result::Result<T, Failed>;

impl Fault {
    /// A fault whose message is these parts together.
    #[cold]
    #[inline(never)]
    pub fn new(at: usize, parts: &[&str]) -> Fault {
        Fault { at, message: sentence(parts) }
    }

    /// The crate's error: `line 2, column 14: expected THEN`, both counted from 1 and from `start` of the source,
    /// columns in characters.
    #[cold]
    pub fn into_error(self, argument: &str, start: usize, source: &[u8]) -> Error {
        let before = &source[start..self.at.clamp(start, source.len())];
        let mut line = 1;
        let mut column = 1;
        for &byte in before {
            if byte == b'\n' {
                line += 1;
                column = 1;
            } else if byte & 0xC0 != 0x80 {
                // Not a continuation byte of UTF-8: a character begins.
                column += 1;
            }
        }
        let mut message = String::from("line ");
        push_integer(&mut message, line);
        message.push_str(", column ");
        push_integer(&mut message, column);
        message.push_str(": ");
        message.push_str(&self.message);
        Error::new(argument, message)
    }
}

/// Parts put together.
#[cold]
#[inline(never)]
pub(super) fn sentence(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}
