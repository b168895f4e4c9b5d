//! `e^-x` and `2^-x` for `x` from 0, times a factor, with one implementation for every host.
//!
//! Platform libraries disagree in the last bit (glibc's and V8's exponentials differ on 8.6 % of arguments), so none
//! is used. The method is Tang's table-driven one (P. T. P. Tang, ACM TOMS 15(2), 1989): `-x = (64 e + i) ln2/64 + r`, so
//! `e^-x = 2^e 2^(i/64) e^r` with `|r| <= ln2/128`, and a polynomial of degree five for `e^r`. The table holds
//! `2^(i/64)` in more than double precision; the result is within one unit in the last place. No fused multiply-add, no
//! rounding mode, no `floor`: only operations that WebAssembly's first version and every processor share.
//!
//! There is no branch and no call either, and few operations wait for each other: a loop over it stays in registers and
//! processors work on several rows at once, which made it twice as fast as the textbook's order.

/// Adding it leaves a double's nearest integer in the low bits of the sum (ties to even), for |x| < 2^51.
pub(crate) const ROUND_SHIFT: f64 = 6_755_399_441_055_744.0;
const SIXTY_FOUR_OVER_LN2: f64 = f64::from_bits(0x4057_1547_652b_82fe);
/// ln2/64 in two parts; the first has 22 trailing zero bits, so that `k * LN2_64_HIGH` is exact for every `k` in use.
const LN2_64_HIGH: f64 = f64::from_bits(0x3f86_2e42_fec0_0000);
const LN2_64_LOW: f64 = f64::from_bits(0x3d9d_1cf7_9abc_9e3b);
/// Beyond them nothing is left: the power is below the smallest double.
const NOTHING_LEFT_EXP: f64 = 746.0;
const NOTHING_LEFT_EXP2: f64 = 1_076.0;

/// `factor * e^-x` for `x` from 0 to infinity, within one unit in the last place if `factor` is a power of two; NaN for NaN.
/// Meaningless for negative `x`.
///
/// ```
/// assert_eq!(plg_udfs::exponential::exp_neg(8.0, 0.0), 8.0);
/// assert_eq!(plg_udfs::exponential::exp_neg(1.0, 1.0), 0.36787944117144233);
/// ```
#[inline]
pub fn exp_neg(factor: f64, x: f64) -> f64 {
    let shifted = x * -SIXTY_FOUR_OVER_LN2 + ROUND_SHIFT;
    let k = shifted - ROUND_SHIFT;
    let left = scaled(factor, shifted, (x + k * LN2_64_HIGH) + k * LN2_64_LOW);
    if x > NOTHING_LEFT_EXP { 0.0 } else { left }
}

/// `factor * 2^-x`, as [`exp_neg`], and exact for whole `x`.
///
/// ```
/// assert_eq!(plg_udfs::exponential::exp2_neg(8.0, 3.0), 1.0);
/// ```
#[inline]
pub fn exp2_neg(factor: f64, x: f64) -> f64 {
    let shifted = x * -64.0 + ROUND_SHIFT;
    let k = shifted - ROUND_SHIFT;
    let left = scaled(factor, shifted, (x + k * (1.0 / 64.0)) * core::f64::consts::LN_2);
    if x > NOTHING_LEFT_EXP2 { 0.0 } else { left }
}

/// `factor * 2^(k/64) e^-s`, where `shifted` is `k` with [`ROUND_SHIFT`] added.
#[inline]
fn scaled(factor: f64, shifted: f64, s: f64) -> f64 {
    let k = shifted.to_bits() as i32;
    let (power, tail) = POWERS[(k & 63) as usize];
    // 2^e comes in two factors, because it may lie below the doubles when the result does not. The first is exact.
    let (exponent, half) = (k >> 6, k >> 7);
    let scale = factor * f64::from_bits(power.to_bits().wrapping_add((i64::from(half) << 52) as u64));
    let rest = f64::from_bits((i64::from(1023 + exponent - half) << 52) as u64);
    // e^-s - 1: the sixth term of the series is below 2^-54.
    let square = s * s;
    let small = square * (0.5 - s * (1.0 / 6.0)) + square * square * (1.0 / 24.0 - s * (1.0 / 120.0));
    (scale + scale * ((tail - s) + small)) * rest
}

/// `2^(i/64)` as a double and, relative to it, what the double leaves out.
static POWERS: [(f64, f64); 64] = [
    (f64::from_bits(0x3ff0000000000000), f64::from_bits(0x0000000000000000)),
    (f64::from_bits(0x3ff02c9a3e778061), f64::from_bits(0xbc7160139cd8dc5d)),
    (f64::from_bits(0x3ff059b0d3158574), f64::from_bits(0x3c8cd2523567f613)),
    (f64::from_bits(0x3ff0874518759bc8), f64::from_bits(0x3c60f74e61e6c861)),
    (f64::from_bits(0x3ff0b5586cf9890f), f64::from_bits(0x3c979aa65d837b6d)),
    (f64::from_bits(0x3ff0e3ec32d3d1a2), f64::from_bits(0x3c3ebe3d702f9cd1)),
    (f64::from_bits(0x3ff11301d0125b51), f64::from_bits(0xbc9556522a2fbd0e)),
    (f64::from_bits(0x3ff1429aaea92de0), f64::from_bits(0xbc91c923b9d5f416)),
    (f64::from_bits(0x3ff172b83c7d517b), f64::from_bits(0xbc801b15eaa59348)),
    (f64::from_bits(0x3ff1a35beb6fcb75), f64::from_bits(0x3c8b898c3f1353bf)),
    (f64::from_bits(0x3ff1d4873168b9aa), f64::from_bits(0x3c9aecf73e3a2f60)),
    (f64::from_bits(0x3ff2063b88628cd6), f64::from_bits(0x3c8a6f4144a6c38d)),
    (f64::from_bits(0x3ff2387a6e756238), f64::from_bits(0x3c968efde3a8a894)),
    (f64::from_bits(0x3ff26b4565e27cdd), f64::from_bits(0x3c80472b981fe7f2)),
    (f64::from_bits(0x3ff29e9df51fdee1), f64::from_bits(0x3c82f7e16d09ab31)),
    (f64::from_bits(0x3ff2d285a6e4030b), f64::from_bits(0x3c8b3782720c0ab4)),
    (f64::from_bits(0x3ff306fe0a31b715), f64::from_bits(0x3c834d754db0abb6)),
    (f64::from_bits(0x3ff33c08b26416ff), f64::from_bits(0x3c8fdd395dd3f84a)),
    (f64::from_bits(0x3ff371a7373aa9cb), f64::from_bits(0xbc924aedcc4b5068)),
    (f64::from_bits(0x3ff3a7db34e59ff7), f64::from_bits(0xbc71d1e83e9436d2)),
    (f64::from_bits(0x3ff3dea64c123422), f64::from_bits(0x3c859f48a72a4c6d)),
    (f64::from_bits(0x3ff4160a21f72e2a), f64::from_bits(0xbc58a78f4817895b)),
    (f64::from_bits(0x3ff44e086061892d), f64::from_bits(0x3c4363ed60c2ac11)),
    (f64::from_bits(0x3ff486a2b5c13cd0), f64::from_bits(0x3c6ecce1daa10379)),
    (f64::from_bits(0x3ff4bfdad5362a27), f64::from_bits(0x3c7690cebb7aafb0)),
    (f64::from_bits(0x3ff4f9b2769d2ca7), f64::from_bits(0xbc8f94340071a38e)),
    (f64::from_bits(0x3ff5342b569d4f82), f64::from_bits(0xbc78dec6bd0f385f)),
    (f64::from_bits(0x3ff56f4736b527da), f64::from_bits(0x3c93350518fdd78e)),
    (f64::from_bits(0x3ff5ab07dd485429), f64::from_bits(0x3c9063e1e21c5409)),
    (f64::from_bits(0x3ff5e76f15ad2148), f64::from_bits(0x3c9432e62b64c035)),
    (f64::from_bits(0x3ff6247eb03a5585), f64::from_bits(0xbc8c33c53bef4da8)),
    (f64::from_bits(0x3ff6623882552225), f64::from_bits(0xbc93cedd78565858)),
    (f64::from_bits(0x3ff6a09e667f3bcd), f64::from_bits(0xbc93b3efbf5e2228)),
    (f64::from_bits(0x3ff6dfb23c651a2f), f64::from_bits(0xbc6367efb86da9ee)),
    (f64::from_bits(0x3ff71f75e8ec5f74), f64::from_bits(0xbc781f647e5a3ecf)),
    (f64::from_bits(0x3ff75feb564267c9), f64::from_bits(0xbc8619321e55e68a)),
    (f64::from_bits(0x3ff7a11473eb0187), f64::from_bits(0xbc7b32dcb94da51d)),
    (f64::from_bits(0x3ff7e2f336cf4e62), f64::from_bits(0x3c65ebe1abd66c55)),
    (f64::from_bits(0x3ff82589994cce13), f64::from_bits(0xbc9369b6f13b3734)),
    (f64::from_bits(0x3ff868d99b4492ed), f64::from_bits(0xbc94d450d872576e)),
    (f64::from_bits(0x3ff8ace5422aa0db), f64::from_bits(0x3c8db72fc1f0eab4)),
    (f64::from_bits(0x3ff8f1ae99157736), f64::from_bits(0x3c7bf68359f35f44)),
    (f64::from_bits(0x3ff93737b0cdc5e5), f64::from_bits(0xbc5da9b88b6c1e29)),
    (f64::from_bits(0x3ff97d829fde4e50), f64::from_bits(0xbc92434322f4f9aa)),
    (f64::from_bits(0x3ff9c49182a3f090), f64::from_bits(0x3c71affc2b91ce27)),
    (f64::from_bits(0x3ffa0c667b5de565), f64::from_bits(0xbc87c50422622263)),
    (f64::from_bits(0x3ffa5503b23e255d), f64::from_bits(0xbc91bbd1d3bcbb15)),
    (f64::from_bits(0x3ffa9e6b5579fdbf), f64::from_bits(0x3c8469846e735ab3)),
    (f64::from_bits(0x3ffae89f995ad3ad), f64::from_bits(0x3c8c1a7792cb3387)),
    (f64::from_bits(0x3ffb33a2b84f15fb), f64::from_bits(0xbc55c3d956dcaeba)),
    (f64::from_bits(0x3ffb7f76f2fb5e47), f64::from_bits(0xbc68d6f438ad9334)),
    (f64::from_bits(0x3ffbcc1e904bc1d2), f64::from_bits(0x3c74ffd70a5fddcd)),
    (f64::from_bits(0x3ffc199bdd85529c), f64::from_bits(0x3c736eae30af0cb3)),
    (f64::from_bits(0x3ffc67f12e57d14b), f64::from_bits(0x3c84e08fd10959ac)),
    (f64::from_bits(0x3ffcb720dcef9069), f64::from_bits(0x3c676b2c6c921968)),
    (f64::from_bits(0x3ffd072d4a07897c), f64::from_bits(0xbc8fad5d3ffffa6f)),
    (f64::from_bits(0x3ffd5818dcfba487), f64::from_bits(0x3c74a385a63d07a7)),
    (f64::from_bits(0x3ffda9e603db3285), f64::from_bits(0x3c8e5a50d5c192ac)),
    (f64::from_bits(0x3ffdfc97337b9b5f), f64::from_bits(0xbc82d52107b43e1f)),
    (f64::from_bits(0x3ffe502ee78b3ff6), f64::from_bits(0x3c74b604603a88d3)),
    (f64::from_bits(0x3ffea4afa2a490da), f64::from_bits(0xbc8ff7128fd391f0)),
    (f64::from_bits(0x3ffefa1bee615a27), f64::from_bits(0x3c8ec3bc41aa2008)),
    (f64::from_bits(0x3fff50765b6e4540), f64::from_bits(0x3c8a64a931d185ee)),
    (f64::from_bits(0x3fffa7c1819e90d8), f64::from_bits(0x3c77893b4d91cd9d)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Distance in representable doubles; both are positive.
    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    // libm's own error stays below one unit and so does ours (tests/duckdb holds it against exact decimals): never more than
    // one apart where doubles are normal.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn exp_neg_agrees_with_libm_to_one_unit(x in prop_oneof![0.0..50.0, 0.0..745.0, 0.0..1e-8]) {
            prop_assert!(ulps(exp_neg(1.0, x), libm::exp(-x)) <= 1, "{x}");
        }

        #[test]
        fn exp2_neg_agrees_with_libm_to_one_unit(x in prop_oneof![0.0..50.0, 0.0..1074.0, 0.0..1e-8]) {
            prop_assert!(ulps(exp2_neg(1.0, x), libm::exp2(-x)) <= 1, "{x}");
        }

        #[test]
        fn later_is_never_more(x in 0.0f64..100.0, y in 0.0f64..100.0) {
            prop_assert!(exp_neg(1.0, x.max(y)) <= exp_neg(1.0, x.min(y)));
            prop_assert!(exp2_neg(1.0, x.max(y)) <= exp2_neg(1.0, x.min(y)));
        }

        #[test]
        fn a_factor_costs_no_more_than_a_multiplication(factor in -1e6f64..1e6, x in 0.0f64..700.0) {
            let product = factor * exp_neg(1.0, x);
            prop_assert!((exp_neg(factor, x) - product).abs() <= 2.0 * f64::EPSILON * product.abs());
        }
    }

    #[test]
    fn whole_powers_of_two_are_exact() {
        for exponent in 0..=1074 {
            assert_eq!(exp2_neg(1.0, f64::from(exponent)), libm::ldexp(1.0, -exponent), "{exponent}");
        }
    }

    #[test]
    fn ends_of_the_range_are_those_of_the_real_function() {
        for function in [exp_neg, exp2_neg] {
            assert_eq!(function(-3.0, f64::INFINITY), 0.0);
            assert!(function(1.0, f64::NAN).is_nan());
            assert_eq!(function(7.0, 0.0), 7.0);
            assert_eq!(function(1e300, 1e300), 0.0);
        }
        assert_eq!(exp2_neg(1.0, 1075.0), 0.0);
        assert_eq!(exp_neg(1.0, 745.13), 5e-324);
    }
}
