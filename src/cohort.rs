//! Deterministic assignment of units (users, workspaces, devices) to weighted variants.
//!
//! Two public standards by name, so that an assignment computed in the warehouse equals the one that the product's own
//! SDK made (`docs/semantics.md`, "Cohorts"):
//!
//! - `growthbook`: hash version 2, FNV-1a over UTF-16 code units, as GrowthBook's JavaScript SDK computes it;
//! - `unleash`: murmur3 (x86, 32 bits) over UTF-8 bytes of `<seed>:<unit>`, with a seed of its own for variants.

use crate::digits::digits;
use crate::error::path;
use crate::{Error, Result};
use alloc::vec::Vec;

/// GrowthBook's hash has this many steps.
const GROWTHBOOK_STEPS: u32 = 10_000;
/// Unleash's gradual roll-out goes from 1 to this.
const UNLEASH_ROLLOUT: u32 = 100;
/// Unleash weighs variants in thousandths.
const UNLEASH_VARIANT_TOTAL: u32 = 1_000;
/// Unleash's hash seed for variants, which keeps them independent of the roll-out.
const UNLEASH_VARIANT_SEED: u32 = 86_028_157;
/// Weights such as three times 1/3 may miss 1 by rounding.
const WEIGHT_TOLERANCE: f64 = 1e-6;

enum Method {
    GrowthBook,
    Unleash,
}

impl Method {
    fn parse(name: &[u8]) -> Result<Self> {
        match name {
            b"growthbook" => Ok(Method::GrowthBook),
            b"unleash" => Ok(Method::Unleash),
            _ => Err(Error::new("method", "must be 'growthbook' or 'unleash'")),
        }
    }
}

/// The standard's own number for a unit: `growthbook` gives `0 <= x < 1` in steps of 1/10000, `unleash` 1 to 100.
///
/// `unit_id`, `seed` and `method` are UTF-8. Errors when the method is unknown.
///
/// ```
/// use plg_udfs::cohort::cohort_bucket;
/// assert_eq!(cohort_bucket(b"a", b"seed", b"growthbook"), Ok(0.0505));
/// assert_eq!(cohort_bucket(b"123", b"gr1", b"unleash"), Ok(73.0));
/// ```
pub fn cohort_bucket(unit_id: &[u8], seed: &[u8], method: &[u8]) -> Result<f64> {
    Ok(match Method::parse(method)? {
        Method::GrowthBook => growthbook(seed, unit_id),
        Method::Unleash => unleash(seed, unit_id, UNLEASH_ROLLOUT, 0) as f64,
    })
}

/// The variant of a unit, counted from 0; `None` when the unit falls outside the sum of the weights.
///
/// `weights` are shares of all units, in variant order, with a sum of at most 1. `growthbook` gives variant i to the units
/// whose number lies in `[w0 + .. + w(i-1), w0 + .. + wi)`. `unleash` compares its number of 1..1000 with the running sum in
/// thousandths, rounded. Errors when a weight is negative, NaN or infinite, when the sum exceeds 1, and when the method
/// is unknown.
///
/// ```
/// use plg_udfs::cohort::cohort;
/// assert_eq!(cohort(b"a", b"seed", &[0.5, 0.5], b"growthbook"), Ok(Some(0.0)));
/// assert_eq!(cohort(b"b", b"seed", &[0.1, 0.1], b"growthbook"), Ok(None));
/// ```
pub fn cohort(unit_id: &[u8], seed: &[u8], weights: &[f64], method: &[u8]) -> Result<Option<f64>> {
    let method = Method::parse(method)?;
    let mut sum = 0.0;
    for (index, &weight) in weights.iter().enumerate() {
        if !(0.0..=f64::MAX).contains(&weight) {
            return Err(Error::new(path("weights").index(index), "must be a finite number >= 0"));
        }
        sum += weight;
    }
    if sum > 1.0 + WEIGHT_TOLERANCE {
        return Err(Error::new("weights", "must have a sum of at most 1"));
    }
    let number = match method {
        Method::GrowthBook => growthbook(seed, unit_id),
        Method::Unleash => unleash(seed, unit_id, UNLEASH_VARIANT_TOTAL, UNLEASH_VARIANT_SEED) as f64,
    };
    let mut end = 0.0;
    for (variant, weight) in weights.iter().enumerate() {
        end += weight;
        let inside = match method {
            Method::GrowthBook => number < end,
            // The sum in thousandths, rounded half up: 0.1 + 0.2 must mean 300 of them.
            Method::Unleash => number <= ((end * UNLEASH_VARIANT_TOTAL as f64 + 0.5) as u32) as f64,
        };
        // A weight of 0 is a variant that nobody gets, also where rounding makes its end exceed its start.
        if inside && *weight > 0.0 {
            return Ok(Some(variant as f64));
        }
    }
    Ok(None)
}

/// GrowthBook's `hash(seed, value, 2)`.
fn growthbook(seed: &[u8], value: &[u8]) -> f64 {
    let mut hash = Fnv1a32::new();
    utf16(seed, |unit| hash.add(unit as u32));
    utf16(value, |unit| hash.add(unit as u32));
    let mut second = Fnv1a32::new();
    digits(hash.0 as u64, &mut [0; 20]).iter().for_each(|&digit| second.add(digit as u32));
    (second.0 % GROWTHBOOK_STEPS) as f64 / GROWTHBOOK_STEPS as f64
}

/// FNV-1a with 32 bits. Like GrowthBook's, it takes whole UTF-16 code units and not bytes.
struct Fnv1a32(u32);

impl Fnv1a32 {
    fn new() -> Self {
        Fnv1a32(0x811c_9dc5)
    }

    fn add(&mut self, unit: u32) {
        self.0 = (self.0 ^ unit).wrapping_mul(0x0100_0193);
    }
}

/// Calls `visit` with the UTF-16 code units of UTF-8 text. Hosts hand over valid UTF-8; anything else would give some
/// units, but no panic. `core`'s decoder would cost a module more than these lines.
fn utf16(text: &[u8], mut visit: impl FnMut(u16)) {
    let mut bytes = text.iter().map(|&byte| byte as u32);
    while let Some(first) = bytes.next() {
        let mut tail = || bytes.next().unwrap_or(0) & 0x3f;
        let code = match first {
            0..0x80 => first,
            0x80..0xe0 => (first & 0x1f) << 6 | tail(),
            0xe0..0xf0 => (first & 0x0f) << 12 | tail() << 6 | tail(),
            _ => (first & 0x07) << 18 | tail() << 12 | tail() << 6 | tail(),
        };
        if code < 0x1_0000 {
            visit(code as u16);
        } else {
            let code = code - 0x1_0000;
            visit((0xd800 | code >> 10) as u16);
            visit((0xdc00 | code & 0x3ff) as u16);
        }
    }
}

/// Unleash's `normalizedHash(value, group, total, seed)`: 1 to `total`.
fn unleash(group: &[u8], value: &[u8], total: u32, seed: u32) -> u32 {
    let mut text = Vec::with_capacity(group.len() + 1 + value.len());
    text.extend_from_slice(group);
    text.push(b':');
    text.extend_from_slice(value);
    murmur3(&text, seed) % total + 1
}

/// MurmurHash3_x86_32 (A. Appleby).
fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let scramble = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = seed;
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        let block = block.iter().rev().fold(0, |word, &byte| word << 8 | byte as u32);
        hash = (hash ^ scramble(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let tail = blocks.remainder();
    if !tail.is_empty() {
        hash ^= scramble(tail.iter().rev().fold(0, |word, &byte| word << 8 | byte as u32));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    /// The cases with version 2 in the `hash` section of GrowthBook's `cases.json`.
    #[test]
    fn growthbook_hash_equals_its_published_vectors() {
        for (seed, value, expected) in [
            ("seed", "a", 0.0505),
            ("seed", "b", 0.2696),
            ("foo", "ab", 0.2575),
            ("foo", "def", 0.2019),
            ("89123klj", "8952klfjas09ujkasdf", 0.124),
            ("90850943850283058242805", "123", 0.7516),
            ("()**(%$##$%#$#", "___)((*\":&", 0.0128),
        ] {
            assert_eq!(cohort_bucket(value.as_bytes(), seed.as_bytes(), b"growthbook"), Ok(expected), "{seed} {value}");
        }
    }

    /// From the tests of Unleash's Node.js client (`util.test`).
    #[test]
    fn unleash_hash_equals_its_published_vectors() {
        assert_eq!(cohort_bucket(b"123", b"gr1", b"unleash"), Ok(73.0));
        assert_eq!(cohort_bucket(b"999", b"groupX", b"unleash"), Ok(25.0));
        assert_eq!(unleash(b"gr1", b"123", 100, UNLEASH_VARIANT_SEED), 96);
        assert_eq!(unleash(b"groupX", b"999", 100, UNLEASH_VARIANT_SEED), 60);
    }

    /// From the reference implementation's known answers.
    #[test]
    fn murmur3_equals_its_reference() {
        for (text, seed, expected) in [
            ("", 0, 0),
            ("", 1, 0x514e_28b7),
            ("test", 0, 0xba6b_d213),
            ("test", 0x9747_b28c, 0x704b_81dc),
            ("Hello, world!", 0, 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x9747_b28c, 0x2fa8_26cd),
        ] {
            assert_eq!(murmur3(text.as_bytes(), seed), expected, "{text}");
        }
    }

    #[test]
    fn a_weight_of_zero_is_a_variant_that_nobody_gets() {
        for unit in 0..2_000 {
            let unit = alloc::format!("{unit}");
            for method in [&b"growthbook"[..], b"unleash"] {
                assert_eq!(
                    cohort(unit.as_bytes(), b"s", &[0.0, 0.5, 0.0, 0.5, 0.0], method).unwrap().unwrap() % 2.0,
                    1.0
                );
            }
        }
    }

    #[test]
    fn unleash_takes_thousandths_however_the_sum_rounds() {
        let mut counts = [0; 10];
        for unit in 0..20_000 {
            let unit = alloc::format!("{unit}");
            let variant = cohort(unit.as_bytes(), b"s", &[0.1; 10], b"unleash").unwrap().expect("the weights sum to 1");
            counts[variant as usize] += 1;
        }
        assert!(counts.iter().all(|count| (1_800..2_200).contains(count)), "{counts:?}");
    }

    #[test]
    fn bad_weights_are_named() {
        for (weights, error) in [
            (&[0.5, -0.1][..], "weights[1]: must be a finite number >= 0"),
            (&[f64::NAN], "weights[0]: must be a finite number >= 0"),
            (&[f64::INFINITY], "weights[0]: must be a finite number >= 0"),
            (&[0.7, 0.4], "weights: must have a sum of at most 1"),
        ] {
            let refusal = cohort(b"a", b"s", weights, b"growthbook").unwrap_err();
            assert_eq!(alloc::string::ToString::to_string(&refusal), error);
        }
        assert!(cohort(b"a", b"s", &[1.0 / 3.0; 3], b"growthbook").is_ok());
        assert!(cohort_bucket(b"a", b"s", b"md5").is_err());
    }

    proptest! {
        #[test]
        fn utf16_agrees_with_the_standard_library(text in any::<String>()) {
            let mut units = Vec::new();
            utf16(text.as_bytes(), |unit| units.push(unit));
            prop_assert_eq!(units, text.encode_utf16().collect::<Vec<_>>());
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(cohort_bucket(&bytes, &bytes, b"growthbook").is_ok());
            prop_assert!(cohort_bucket(&bytes, &bytes, b"unleash").is_ok());
        }

        #[test]
        fn raising_the_last_weight_moves_nobody_else(unit in "[a-z0-9]{1,12}", low in 0.0f64..0.5, high in 0.5f64..1.0) {
            let before = cohort(unit.as_bytes(), b"s", &[low], b"growthbook").unwrap();
            let after = cohort(unit.as_bytes(), b"s", &[high], b"growthbook").unwrap();
            prop_assert!(before.is_none() || before == after);
        }
    }
}
