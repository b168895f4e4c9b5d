//! Public lists of domains, as sets small enough for a function's body.
//!
//! The lists come from the packages that `tools.toml` pins (`[lists]`) and are not in this repository: the build script
//! fetches them once into the cache and writes the sets (`docs/semantics.md`, "E-mail addresses").
#![cfg_attr(target_arch = "wasm32", no_std)]
#![warn(missing_docs)]

mod set;

pub use set::Set;

include!(concat!(env!("OUT_DIR"), "/lists.rs"));

/// The lists themselves, one domain a line, for tests and for what is published.
#[cfg(not(target_arch = "wasm32"))]
pub mod plain {
    /// The free-mail domains.
    pub static FREE: &str = include_str!(concat!(env!("OUT_DIR"), "/free.txt"));
    /// The disposable domains.
    pub static DISPOSABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/disposable.txt"));
    /// What declares the sets, in Rust.
    pub static SOURCE: &str = include_str!(concat!(env!("OUT_DIR"), "/lists.rs"));
}

#[cfg(test)]
mod tests {
    use super::{DISPOSABLE, FREE, Set, plain};

    /// Domains that nobody has listed: what looks random, in `total` different forms.
    fn found_by_chance(set: &Set, total: u64) -> f64 {
        let found = (0..total).filter(|number| {
            let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            set.contains(format!("unlisted-{scattered:x}.example").as_bytes())
        });
        found.count() as f64
    }

    fn claim(set: &Set, list: &str, least: usize) {
        assert!(list.lines().count() > least);
        assert!(list.lines().all(|domain| set.contains(domain.as_bytes())));
        assert_eq!(list.lines().count(), set.count as usize);
    }

    #[test]
    fn every_listed_domain_is_found() {
        claim(&FREE, plain::FREE, 4_000);
        claim(&DISPOSABLE, plain::DISPOSABLE, 10_000);
    }

    #[test]
    fn of_a_million_other_domains_no_more_are_found_than_the_sets_promise() {
        let total = 1_000_000;
        for set in [&FREE, &DISPOSABLE] {
            let expected = total as f64 / (1u64 << set.bits) as f64;
            let found = found_by_chance(set, total);
            // Poisson: five standard deviations, and one for where almost none is expected.
            assert!((found - expected).abs() <= 5.0 * expected.sqrt() + 1.0, "{found} found, {expected} expected");
        }
    }
}
