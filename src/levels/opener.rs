//! The opener of a hand-off: a text whose placeholders are filled sentence by sentence.

use crate::Result;
use crate::tape::Object;
use alloc::vec::Vec;

/// What a placeholder stands for, by its number from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    Reason(usize),
    Event(usize),
}

/// A compiled template.
#[derive(Default)]
pub(super) struct Opener {
    text: Vec<u8>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy)]
enum Piece {
    /// A part of the template, by where it ends; it begins where the piece before has ended.
    Text(usize),
    Placeholder(Placeholder),
    EndOfSentence,
}

impl Opener {
    /// Reads a field with a template, if it is there. Of placeholders there are `{reason_1}` to the number of reasons, and
    /// `{event_1}` to the number of key events.
    pub fn read(object: &Object<'_, '_>, field: &str, reasons: usize, events: usize) -> Result<Option<Self>> {
        let Some(template) = object.text(field)? else { return Ok(None) };
        let mut opener = Opener::default();
        let mut rest = template;
        // Whether what comes last, spaces aside, ends a sentence.
        let mut ended = false;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte == b'{' {
                let end = rest.iter().position(|&byte| byte == b'}');
                let Some((name, after)) = end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 1..)?))) else {
                    return object.refuse(field, "has a { without its }").map(|()| None);
                };
                let Some(placeholder) = placeholder(name, reasons, events) else {
                    return object.refuse(field, "has a placeholder that nothing can fill").map(|()| None);
                };
                opener.close_text();
                opener.pieces.push(Piece::Placeholder(placeholder));
                (rest, ended) = (after, false);
                continue;
            }
            opener.text.push(byte);
            if byte != b' ' {
                ended = b".!?\n".contains(&byte);
            }
            // The spaces after a sentence belong to it.
            if ended && b" \n".contains(&byte) && !rest.starts_with(b" ") {
                opener.close_text();
                opener.pieces.push(Piece::EndOfSentence);
                ended = false;
            }
        }
        opener.close_text();
        opener.pieces.push(Piece::EndOfSentence);
        Ok(Some(opener))
    }

    fn close_text(&mut self) {
        self.pieces.push(Piece::Text(self.text.len()));
    }

    /// The text with what `fill` gives for each placeholder, and the number of sentences that are left out because one of
    /// their placeholders has nothing to stand for.
    pub fn render<'f>(&self, fill: impl Fn(Placeholder) -> Option<&'f [u8]>) -> (Vec<u8>, usize) {
        let (mut text, mut left_out) = (Vec::new(), 0);
        let (mut sentence, mut start, mut complete) = (0, 0, true);
        for piece in &self.pieces {
            match *piece {
                Piece::Text(end) => {
                    text.extend_from_slice(self.text.get(start..end).unwrap_or(&[]));
                    start = end;
                }
                Piece::Placeholder(placeholder) => match fill(placeholder) {
                    Some(value) => text.extend_from_slice(value),
                    None => complete = false,
                },
                Piece::EndOfSentence => {
                    if !complete {
                        text.truncate(sentence);
                        left_out += 1;
                    }
                    (sentence, complete) = (text.len(), true);
                }
            }
        }
        while text.last().is_some_and(|byte| b" \n".contains(byte)) {
            text.pop();
        }
        (text, left_out)
    }
}

/// `reason_1`, `event_12`.
fn placeholder(name: &[u8], reasons: usize, events: usize) -> Option<Placeholder> {
    let split = name.iter().position(|&byte| byte == b'_')?;
    let (kind, digits) = (name.get(..split)?, name.get(split + 1..)?);
    if digits.is_empty() || digits.len() > 4 || digits.first() == Some(&b'0') {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        number = number * 10 + digit.is_ascii_digit().then(|| (digit - b'0') as usize)?;
    }
    match kind {
        b"reason" if number <= reasons => Some(Placeholder::Reason(number - 1)),
        b"event" if number <= events => Some(Placeholder::Event(number - 1)),
        _ => None,
    }
}
