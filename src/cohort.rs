//! Deterministic assignment of units (users, workspaces, devices) to weighted variants.
//!
//! Two public standards by name, so that an assignment computed in the warehouse equals the one that the product's own
//! SDK made (`docs/semantics.md`, "Experiments"):
//!
//! - `growthbook`: hash version 2, FNV-1a over UTF-16 code units, as GrowthBook's JavaScript SDK computes it; its
//!   namespaces, which keep experiments apart, with hash version 1;
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
/// GrowthBook's namespaces have this many steps.
const NAMESPACE_STEPS: u32 = 1_000;
/// Weights such as 0.334, 0.333 and 0.334 may exceed 1 by this, as GrowthBook's SDK allows.
const WEIGHT_TOLERANCE: f64 = 0.01;
/// No sum of whole weights is larger.
const MAX_WHOLE_WEIGHTS: f64 = 1e9;

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
/// thousandths, rounded; it takes whole weights such as 500 and 500, too, and then counts to their sum. The empty
/// `unit_id` is nobody and gets no variant. Errors when a weight is negative, NaN or infinite, when the sum exceeds 1,
/// and when the method is unknown.
///
/// ```
/// use plg_udfs::cohort::cohort;
/// assert_eq!(cohort(b"a", b"seed", &[0.5, 0.5], b"growthbook"), Ok(Some(0.0)));
/// assert_eq!(cohort(b"b", b"seed", &[0.1, 0.1], b"growthbook"), Ok(None));
/// ```
pub fn cohort(unit_id: &[u8], seed: &[u8], weights: &[f64], method: &[u8]) -> Result<Option<f64>> {
    cohort_rollout(unit_id, seed, weights, 1.0, f64::NAN, method)
}

/// The variant of a unit in a phased roll-out: variant i owns `[cum, cum + coverage * wi)`, where `cum` is the sum of the
/// weights before it, so that raising `coverage` (0 to 1) never moves anybody.
///
/// `previous` is the variant that the unit already has, NaN for none. It stands, whatever coverage and weights have become,
/// as long as there is such a variant. Everything else is as for [`cohort`]. Errors also when `coverage` is not within 0
/// and 1 and when `previous` is no whole number >= 0.
///
/// ```
/// use plg_udfs::cohort::cohort_rollout;
/// let variant = |coverage, previous| cohort_rollout(b"a", b"seed", &[0.5, 0.5], coverage, previous, b"growthbook");
/// assert_eq!(variant(0.2, f64::NAN), Ok(Some(0.0))); // 0.0505 < 0.1
/// assert_eq!(variant(0.1, f64::NAN), Ok(None));
/// assert_eq!(variant(0.1, 1.0), Ok(Some(1.0)));
/// ```
pub fn cohort_rollout(
    unit_id: &[u8],
    seed: &[u8],
    weights: &[f64],
    coverage: f64,
    previous: f64,
    method: &[u8],
) -> Result<Option<f64>> {
    let method = Method::parse(method)?;
    let (total, factor) = steps_of(weights, &method)?;
    share("coverage", coverage)?;
    if !previous.is_nan() {
        if !(0.0..=f64::MAX).contains(&previous) || previous as u32 as f64 != previous {
            return Err(Error::new("previous", "must be a whole number >= 0"));
        }
        // A variant that has been withdrawn keeps nobody.
        if previous < weights.len() as f64 {
            return Ok(Some(previous + 0.0)); // -0 becomes 0.
        }
    }
    if unit_id.is_empty() {
        return Ok(None);
    }
    let number = match method {
        Method::GrowthBook => growthbook(seed, unit_id),
        Method::Unleash => unleash(seed, unit_id, total, UNLEASH_VARIANT_SEED) as f64,
    };
    // Rounded half up: 0.1 + 0.2 must mean 300 of 1000.
    let steps = |sum: f64| ((sum * factor + 0.5) as u32) as f64;
    let mut start = 0.0;
    for (variant, weight) in weights.iter().enumerate() {
        let end = start + coverage * weight;
        let inside = match method {
            Method::GrowthBook => start <= number && number < end,
            Method::Unleash => steps(start) < number && number <= steps(end),
        };
        if inside {
            return Ok(Some(variant as f64));
        }
        start += weight;
    }
    Ok(None)
}

/// Checks the weights; the number up to which Unleash counts with them, and what makes steps of it out of them.
fn steps_of(weights: &[f64], method: &Method) -> Result<(u32, f64)> {
    let (mut sum, mut whole) = (0.0, true);
    for (index, &weight) in weights.iter().enumerate() {
        if !(0.0..=f64::MAX).contains(&weight) {
            return Err(Error::new(path("weights").index(index), "must be a finite number >= 0"));
        }
        whole &= weight as u32 as f64 == weight;
        sum += weight;
    }
    if sum <= 1.0 + WEIGHT_TOLERANCE {
        return Ok((UNLEASH_VARIANT_TOTAL, UNLEASH_VARIANT_TOTAL as f64));
    }
    match method {
        Method::GrowthBook => Err(Error::new("weights", "must have a sum of at most 1")),
        Method::Unleash if whole && sum <= MAX_WHOLE_WEIGHTS => Ok((sum as u32, 1.0)),
        Method::Unleash => Err(Error::new("weights", "must have a sum of at most 1 or be whole numbers")),
    }
}

fn share(argument: &str, value: f64) -> Result<()> {
    match (0.0..=1.0).contains(&value) {
        true => Ok(()),
        false => Err(Error::new(argument, "must be a number from 0 to 1")),
    }
}

/// Whether a unit's number in a namespace lies in `[range_start, range_end)`, as GrowthBook decides it (hash version 1,
/// in steps of 1/1000). Experiments with disjoint ranges of one namespace exclude each other.
///
/// Errors when a bound is not within 0 and 1, and when the range ends before it starts.
///
/// ```
/// use plg_udfs::cohort::cohort_in_namespace;
/// assert_eq!(cohort_in_namespace(b"3", b"namespace2", 0.0, 0.4), Ok(true));
/// assert_eq!(cohort_in_namespace(b"3", b"namespace2", 0.4, 1.0), Ok(false));
/// ```
pub fn cohort_in_namespace(unit_id: &[u8], namespace: &[u8], range_start: f64, range_end: f64) -> Result<bool> {
    share("range_start", range_start)?;
    share("range_end", range_end)?;
    if range_end < range_start {
        return Err(Error::new("range_end", "must not be less than range_start"));
    }
    let mut hash = Fnv1a32::new();
    for text in [unit_id, b"__", namespace] {
        utf16(text, |unit| hash.add(unit as u32));
    }
    let number = (hash.0 % NAMESPACE_STEPS) as f64 / NAMESPACE_STEPS as f64;
    Ok(range_start <= number && number < range_end)
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

    /// The groups `getBucketRange` and `chooseVariation` of GrowthBook's `cases.json` (specification 0.7.1, MIT licence).
    /// Where its SDK corrects what it was given (coverage beyond 0..1, weights with another sum), ours refuses it or
    /// takes it as it stands, so these cases are not here.
    #[test]
    fn growthbook_ranges_equal_its_published_vectors() {
        let quarter = [0.25; 4];
        for (weights, coverage, ranges) in [
            (&[0.5, 0.5][..], 1.0, &[(0.0, 0.5), (0.5, 1.0)][..]),
            (&[0.5, 0.5], 0.5, &[(0.0, 0.25), (0.5, 0.75)]),
            (&[0.5, 0.5], 0.0, &[(0.0, 0.0), (0.5, 0.5)]),
            (&quarter, 1.0, &[(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)]),
            (&[0.4, 0.6], 1.0, &[(0.0, 0.4), (0.4, 1.0)]),
            (&[0.2, 0.3, 0.5], 1.0, &[(0.0, 0.2), (0.2, 0.5), (0.5, 1.0)]),
            (&[0.2, 0.3, 0.5], 0.2, &[(0.0, 0.04), (0.2, 0.26), (0.5, 0.6)]),
            (&[0.4, 0.5999], 1.0, &[(0.0, 0.4), (0.4, 0.9999)]),
        ] {
            for unit in 0..3_000 {
                let unit = alloc::format!("{unit}");
                let number = growthbook(b"s", unit.as_bytes());
                let expected = ranges.iter().position(|(start, end)| (*start..*end).contains(&number));
                let got = cohort_rollout(unit.as_bytes(), b"s", weights, coverage, f64::NAN, b"growthbook");
                assert_eq!(got, Ok(expected.map(|variant| variant as f64)), "{number} in {ranges:?}");
            }
        }
    }

    /// The group `inNamespace` of the same file.
    #[test]
    fn growthbook_namespaces_equal_its_published_vectors() {
        for (unit, namespace, from_0_to_04) in [
            ("1", "namespace1", false),
            ("1", "namespace2", false),
            ("2", "namespace1", false),
            ("2", "namespace2", false),
            ("3", "namespace1", false),
            ("3", "namespace2", true),
            ("4", "namespace1", false),
            ("4", "namespace2", true),
        ] {
            let inside = |start, end| cohort_in_namespace(unit.as_bytes(), namespace.as_bytes(), start, end);
            assert_eq!(inside(0.0, 0.4), Ok(from_0_to_04), "{unit} {namespace}");
            assert_eq!(inside(0.4, 1.0), Ok(!from_0_to_04), "{unit} {namespace}");
        }
    }

    #[test]
    fn a_previous_variant_stands_as_long_as_it_exists() {
        for method in [&b"growthbook"[..], b"unleash"] {
            let variant = |weights: &[f64], coverage, previous| {
                cohort_rollout(b"u", b"s", weights, coverage, previous, method).unwrap()
            };
            assert_eq!(variant(&[0.5, 0.5], 0.0, 1.0), Some(1.0));
            assert_eq!(variant(&[0.5, 0.0], 1.0, 1.0), Some(1.0));
            assert_eq!(variant(&[0.5, 0.5], 0.0, 2.0), None);
            assert_eq!(variant(&[1.0], 1.0, 1.0), Some(0.0));
            assert!(variant(&[1.0], 1.0, -0.0).unwrap().is_sign_positive());
        }
    }

    #[test]
    fn nobody_gets_no_variant() {
        assert_eq!(cohort(b"", b"s", &[1.0], b"growthbook"), Ok(None));
        assert_eq!(cohort(b"", b"s", &[1.0], b"unleash"), Ok(None));
    }

    #[test]
    fn other_bad_arguments_are_named() {
        let text = |error: Error| alloc::string::ToString::to_string(&error);
        for (weights, coverage, previous, error) in [
            (&[0.5, 0.5], -0.1, 0.0, "coverage: must be a number from 0 to 1"),
            (&[0.5, 0.5], 20.0, 0.0, "coverage: must be a number from 0 to 1"),
            (&[0.5, 0.5], f64::NAN, 0.0, "coverage: must be a number from 0 to 1"),
            (&[0.5, 0.5], 1.0, 0.5, "previous: must be a whole number >= 0"),
            (&[0.5, 0.5], 1.0, -1.0, "previous: must be a whole number >= 0"),
            (&[0.5, 0.5], 1.0, f64::INFINITY, "previous: must be a whole number >= 0"),
            (&[33.0, 0.5], 1.0, 0.0, "weights: must have a sum of at most 1 or be whole numbers"),
            (&[4e9, 1.0], 1.0, 0.0, "weights: must have a sum of at most 1 or be whole numbers"),
        ] {
            assert_eq!(text(cohort_rollout(b"u", b"s", weights, coverage, previous, b"unleash").unwrap_err()), error);
        }
        for (start, end, error) in [
            (-0.1, 1.0, "range_start: must be a number from 0 to 1"),
            (0.0, 40.0, "range_end: must be a number from 0 to 1"),
            (0.5, 0.4, "range_end: must not be less than range_start"),
            (f64::NAN, 1.0, "range_start: must be a number from 0 to 1"),
        ] {
            assert_eq!(text(cohort_in_namespace(b"u", b"n", start, end).unwrap_err()), error);
        }
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
        fn raising_the_coverage_moves_nobody(
            unit in "\\PC{1,12}",
            weights in prop::collection::vec(0.0f64..0.25, 1..4),
            coverages in (0.0f64..=1.0, 0.0f64..=1.0),
            unleash in any::<bool>(),
        ) {
            let method = if unleash { &b"unleash"[..] } else { b"growthbook" };
            let variant = |coverage| cohort_rollout(unit.as_bytes(), b"s", &weights, coverage, f64::NAN, method).unwrap();
            let (low, high) = (variant(coverages.0.min(coverages.1)), variant(coverages.0.max(coverages.1)));
            prop_assert!(low.is_none() || low == high);
            let all = cohort(unit.as_bytes(), b"s", &weights, method).unwrap();
            prop_assert!(high.is_none() || high == all);
            prop_assert_eq!(variant(0.0), None);
        }

        /// Shares in thousandths and the whole weights that Unleash's configuration holds are the same.
        #[test]
        fn unleash_counts_shares_in_thousandths(unit in "[a-z0-9]{1,12}", first in 0u32..=1000, coverage in 0.0f64..=1.0) {
            let whole = [first as f64, (1000 - first) as f64];
            let shares = [first as f64 / 1000.0, (1000 - first) as f64 / 1000.0];
            let variant = |weights: &[f64], coverage| {
                cohort_rollout(unit.as_bytes(), b"s", weights, coverage, f64::NAN, b"unleash").unwrap()
            };
            prop_assert_eq!(variant(&whole, 1.0), variant(&shares, 1.0));
            // The share that is covered may be rounded to the other side when it lies between two steps.
            let (a, b) = (variant(&whole, coverage), variant(&shares, coverage));
            prop_assert!(a == b || a.is_none() || b.is_none());
        }

        #[test]
        fn ranges_of_a_namespace_exclude_each_other(unit in any::<String>(), namespace in any::<String>(), cut in 0.0f64..=1.0) {
            let inside = |start, end| cohort_in_namespace(unit.as_bytes(), namespace.as_bytes(), start, end).unwrap();
            prop_assert!(inside(0.0, cut) != inside(cut, 1.0));
        }

        #[test]
        fn raising_the_last_weight_moves_nobody_else(unit in "[a-z0-9]{1,12}", low in 0.0f64..0.5, high in 0.5f64..1.0) {
            let before = cohort(unit.as_bytes(), b"s", &[low], b"growthbook").unwrap();
            let after = cohort(unit.as_bytes(), b"s", &[high], b"growthbook").unwrap();
            prop_assert!(before.is_none() || before == after);
        }
    }
}
