//! Text without blanks around it and in lower case.

use crate::lower::lower;
use alloc::vec::Vec;

/// Whether a character is blank: Unicode's White_Space, and the zero-width space and the byte order mark, which come along
/// when text is copied from a page or read from a file.
pub(super) fn is_blank(point: char) -> bool {
    matches!(
        point,
        '\u{9}'..='\u{d}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{2028}' | '\u{2029}'
            | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

/// The text without blanks around it, code point by code point in lower case; `None` if it is not UTF-8.
#[inline(never)]
pub(crate) fn trimmed_lower(text: &[u8]) -> Option<Vec<u8>> {
    let text = crate::utf8::text(text)?;
    let mut lowered = Vec::with_capacity(text.len() + 8);
    // Where the last character ends that is not blank.
    let mut end = 0;
    for point in text.chars() {
        let blank = is_blank(point);
        if blank && lowered.is_empty() {
            continue;
        }
        push(&mut lowered, lower(point as u32));
        if !blank {
            end = lowered.len();
        }
    }
    lowered.truncate(end);
    Some(lowered)
}

/// Appends a code point as UTF-8.
fn push(bytes: &mut Vec<u8>, point: u32) {
    let following = match point {
        0..0x80 => return bytes.push(point as u8),
        0x80..0x800 => 1,
        0x800..0x1_0000 => 2,
        _ => 3,
    };
    // The first byte begins with as many ones as there are bytes.
    bytes.push(!(0x7F >> following) | (point >> (6 * following)) as u8);
    (0..following).rev().for_each(|byte| bytes.push(0x80 | (point >> (6 * byte)) as u8 & 0x3F));
}
