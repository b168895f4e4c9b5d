//! Checking UTF-8 in a third of the code that the standard library's check takes of a module.

/// The text that the bytes are; `None` if they are not UTF-8.
#[inline(never)]
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        // How many bytes follow, and the least code point that needs so many.
        let (following, least) = match first.leading_ones() {
            0 => continue,
            2 => (1, 0x80),
            3 => (2, 0x800),
            4 => (3, 0x1_0000),
            _ => return None,
        };
        let mut point = first as u32 & 0x3F >> following;
        for _ in 0..following {
            let &byte = rest.next()?;
            if byte & 0xC0 != 0x80 {
                return None;
            }
            point = point << 6 | (byte & 0x3F) as u32;
        }
        if point < least || point > 0x10_FFFF || point >> 11 == 0xD800 >> 11 {
            return None;
        }
    }
    // SAFETY: every code point is in its shortest form, no surrogate, and none is beyond the last.
    Some(unsafe { core::str::from_utf8_unchecked(bytes) })
}

#[cfg(test)]
mod tests {
    use super::text;
    use proptest::prelude::*;

    fn agree(bytes: &[u8]) {
        assert_eq!(text(bytes), core::str::from_utf8(bytes).ok(), "{bytes:x?}");
    }

    #[test]
    fn all_short_sequences_are_judged_as_by_the_standard_library() {
        for first in 0..=255 {
            for second in 0..=255 {
                agree(&[first, second]);
                // The bounds of ranges in which a third and a fourth byte are judged.
                for third in [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] {
                    agree(&[first, second, third]);
                    for fourth in [0x7F, 0x80, 0xBF, 0xC0] {
                        agree(&[first, second, third, fourth]);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn texts_are_texts_and_cut_ones_are_not(whole: std::string::String, bytes: std::vec::Vec<u8>, cut: usize) {
            agree(whole.as_bytes());
            agree(&whole.as_bytes()[..cut % (whole.len() + 1)]);
            agree(&bytes);
        }
    }
}
