//! Domains that are known for disposable addresses. A family of its own, as the list fills a body, and with nothing of
//! [`email`](crate::email), for which there is no room beside it (`docs/semantics.md`, "E-mail addresses").

use crate::Result;
use crate::abi::Output;
use plg_lists::DISPOSABLE;

/// The listed domain by which an address or a domain is a disposable one: what stands behind the last `@`, or the longest
/// domain above it. NULL if none is listed.
///
/// `email` is UTF-8. Blanks of ASCII around it are left out and letters of ASCII taken for lower-case ones; whether it is an
/// address is not asked. A domain that is not listed is found with a probability of 2^-13. Never fails.
///
/// ```
/// use plg_udfs::{abi::Output, disposable::disposable_domain};
/// let mut out = Output::default();
/// disposable_domain(b"x@Eu.Mailinator.com", &mut out).unwrap();
/// assert_eq!(out.text, b"mailinator.com");
/// ```
pub fn disposable_domain(email: &[u8], out: &mut Output) -> Result<()> {
    let start = email.iter().rposition(|&byte| byte == b'@').map_or(0, |at| at + 1);
    let mut domain = email[start..].trim_ascii().to_ascii_lowercase();
    while domain.contains(&b'.') {
        if DISPOSABLE.contains(&domain) {
            out.text(&domain);
            return Ok(());
        }
        let above = domain.iter().position(|&byte| byte == b'.').map_or(0, |dot| dot + 1);
        domain.drain(..above);
    }
    out.null_text();
    Ok(())
}
