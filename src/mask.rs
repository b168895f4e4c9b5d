//! Personal data made illegible: for reports that need no names, and for tables that more people may read than the sources.
//!
//! A mask shows a part and is no secret; a [`pseudonym`] shows nothing, and keeps rows of one person together.

use crate::abi::Output;
use crate::anomaly::Block;
use crate::sha256::{bytes, digest};
use crate::{Error, Result};

/// What stands for what is not shown, however long that is.
const HIDDEN: &[u8] = b"***";
/// SHA-256 works on blocks of so many bytes, and so does HMAC.
const BLOCK: usize = 64;

/// The first character of an e-mail address's local part, `***`, and the domain; `***` alone for what is no address.
///
/// A local part of one character is hidden, too. The domain is what follows the last `@`, as it is written. Never fails.
///
/// ```
/// use plg_udfs::{abi::Output, mask::mask_email};
/// let mut out = Output::default();
/// mask_email(b"jane@example.com", &mut out).unwrap();
/// assert_eq!(out.text, b"j***@example.com");
/// ```
pub fn mask_email(email: &[u8], out: &mut Output) -> Result<()> {
    let at = email.iter().rposition(|&byte| byte == b'@').filter(|&at| at > 0 && at + 1 < email.len());
    let (local, domain) = at.map_or((&[][..], &[][..]), |at| email.split_at(at));
    write(first(local, 1), domain, out);
    Ok(())
}

/// The first `keep` characters of a text and `***`; `***` alone where the text is not longer than that.
///
/// Characters are code points. An error where `keep` is no whole number from 0 to 1000.
///
/// ```
/// use plg_udfs::{abi::Output, mask::mask_text};
/// let mut out = Output::default();
/// mask_text("Zoë Müller".as_bytes(), 3.0, &mut out).unwrap();
/// assert_eq!(out.text, "Zoë***".as_bytes());
/// ```
pub fn mask_text(content: &[u8], keep: f64, out: &mut Output) -> Result<()> {
    if !(0.0..=1_000.0).contains(&keep) || keep != keep as u32 as f64 {
        return Err(Error::new("keep", "must be a whole number from 0 to 1000"));
    }
    write(first(content, keep as usize), &[], out);
    Ok(())
}

/// An internet address with zeros for what tells subscribers of a network apart: after the 24th bit of an IPv4 address,
/// after the 48th of an IPv6 address; `***` for what is no address. Addresses are those of [`ip_block`](crate::anomaly::ip_block).
/// Never fails.
///
/// ```
/// use plg_udfs::{abi::Output, mask::mask_ip};
/// let mut out = Output::default();
/// mask_ip(b"203.0.113.7", &mut out).unwrap();
/// assert_eq!(out.text, b"203.0.113.0");
/// ```
pub fn mask_ip(ip: &[u8], out: &mut Output) -> Result<()> {
    match Block::of(ip) {
        Some(block) => out.text_with(|text| {
            block.push(text);
            // Without the length of the block, `/24` or `/48`.
            text.truncate(text.len() - 3);
        }),
        None => out.text(HIDDEN),
    }
    Ok(())
}

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) of a text under a key, in lower-case hexadecimal digits: the same text has the same
/// pseudonym wherever the key is the same, and who lacks the key can neither compute nor guess it.
///
/// Texts are taken byte by byte, as UTF-8. An error where the key is empty.
///
/// ```
/// use plg_udfs::{abi::Output, mask::pseudonym};
/// let mut out = Output::default();
/// pseudonym(b"what do ya want for nothing?", b"Jefe", &mut out).unwrap();
/// assert!(out.text.starts_with(b"5bdcc146bf60754e6a042426089575c7"));
/// ```
pub fn pseudonym(content: &[u8], key: &[u8], out: &mut Output) -> Result<()> {
    if key.is_empty() {
        return Err(Error::new("key", "must not be empty"));
    }
    let hashed = bytes(digest(&[key]));
    let key = if key.len() > BLOCK { &hashed } else { key };
    let padded = |with: u8| {
        let mut pad = [with; BLOCK];
        pad.iter_mut().zip(key).for_each(|(pad, byte)| *pad ^= byte);
        pad
    };
    let inner = bytes(digest(&[&padded(0x36), content]));
    let outer = bytes(digest(&[&padded(0x5c), &inner]));
    out.text_with(|text| {
        for byte in outer {
            for digit in [byte >> 4, byte & 0xF] {
                text.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
            }
        }
    });
    Ok(())
}

/// The first `count` code points of a text that is longer, else nothing.
fn first(text: &[u8], count: usize) -> &[u8] {
    // A code point begins where a byte is no continuation.
    let mut starts = text.iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    match starts.nth(count) {
        Some((end, _)) => text.get(..end).unwrap_or(&[]),
        None => &[],
    }
}

fn write(shown: &[u8], rest: &[u8], out: &mut Output) {
    out.text_with(|text| {
        text.extend_from_slice(shown);
        text.extend_from_slice(HIDDEN);
        text.extend_from_slice(rest);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn text(write: impl FnOnce(&mut Output) -> Result<()>) -> String {
        let mut out = Output::default();
        write(&mut out).unwrap();
        String::from_utf8(out.text).unwrap()
    }

    /// RFC 4231, the cases whose keys are texts' bytes or any: 1 to 4, 6 and 7.
    #[test]
    fn pseudonyms_are_those_of_rfc_4231() {
        let long_key = [0xaa; 131];
        let long =
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs \
                     to be hashed before being used by the HMAC algorithm.";
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 6] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (
                &long_key,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (&long_key, long, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ];
        for (key, value, expected) in cases {
            assert_eq!(text(|out| pseudonym(value, key, out)), expected);
        }
    }

    #[test]
    fn an_empty_key_is_refused() {
        let error = pseudonym(b"jane", b"", &mut Output::default()).unwrap_err();
        assert_eq!(error.path(), "key");
    }

    proptest! {
        #[test]
        fn no_mask_shows_all_of_a_local_part(local in "[a-zé日+.]{0,6}", domain in "[a-z.]{1,6}") {
            let masked = text(|out| mask_email(alloc::format!("{local}@{domain}").as_bytes(), out));
            let shown: String = local.chars().take(if local.chars().count() > 1 { 1 } else { 0 }).collect();
            let domain = if local.is_empty() { String::new() } else { alloc::format!("@{domain}") };
            prop_assert_eq!(masked, alloc::format!("{shown}***{domain}"));
        }

        #[test]
        fn a_masked_text_is_never_the_text(value in "\\PC{0,6}", keep in 0usize..8) {
            let masked = text(|out| mask_text(value.as_bytes(), keep as f64, out));
            let shown: String = value.chars().take(if value.chars().count() > keep { keep } else { 0 }).collect();
            prop_assert_eq!(masked, shown + "***");
        }
    }
}
