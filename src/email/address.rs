//! What is an e-mail address.

use super::text::{is_blank, trimmed_lower};
use alloc::vec::Vec;

/// Of a local part, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Of a domain, in bytes: RFC 1035's 255 without the length of the first label and the root.
const MAX_DOMAIN: usize = 253;
/// Of a label, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// A normalised address.
pub(crate) struct Address {
    text: Vec<u8>,
    at: usize,
}

impl Address {
    /// Trims, lower-cases and checks; `None` for what is no address.
    #[inline(never)]
    pub fn parse(email: &[u8]) -> Option<Self> {
        let text = trimmed_lower(email)?;
        // A second @ would be in the domain, where it is refused.
        let at = text.iter().position(|&byte| byte == b'@')?;
        let address = Address { text, at };
        let beyond_ascii = crate::utf8::text(&address.text)?.chars().filter(|point| *point >= '\u{80}');
        let fits = (1..=MAX_LOCAL).contains(&at)
            && address.local().iter().all(|&byte| is_local(byte))
            && is_domain(address.domain())
            && beyond_ascii.into_iter().all(|point| point > '\u{9f}' && !is_blank(point));
        fits.then_some(address)
    }

    /// What stands before the @.
    pub fn local(&self) -> &[u8] {
        &self.text.as_slice()[..self.at]
    }

    /// What stands behind the @.
    pub fn domain(&self) -> &[u8] {
        &self.text.as_slice()[self.at + 1..]
    }
}

/// The bytes that browsers take in a local part, and those beyond ASCII.
fn is_local(byte: u8) -> bool {
    byte >= 0x80 || byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&byte)
}

fn is_domain(domain: &[u8]) -> bool {
    let (mut labels, mut digits) = (0, false);
    for label in domain.split(|&byte| byte == b'.') {
        let inside = |&byte: &u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || byte == b'-';
        let dashed = label.starts_with(b"-") || label.ends_with(b"-");
        if !(1..=MAX_LABEL).contains(&label.len()) || dashed || !label.iter().all(inside) {
            return false;
        }
        labels += 1;
        digits = label.iter().all(u8::is_ascii_digit);
    }
    // A last label of digits is an IPv4 address, or nothing.
    labels > 1 && !digits && domain.len() <= MAX_DOMAIN
}
