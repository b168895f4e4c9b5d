//! The natural logarithm, with one implementation for every host.
//!
//! Platform libraries disagree in the last bit, so none is used. The method is that of FreeBSD's `e_log.c` (Sun
//! Microsystems, 1993): `x = 2^k (1 + f)` with `sqrt(1/2) < 1 + f < sqrt(2)`, `s = f / (2 + f)`, and
//! `ln(1 + f) = f - s (f - R)` with a polynomial of degree 14 in `s` for `R`, whose error is below 2^-58.45. The result is
//! within one unit in the last place. Only operations that WebAssembly's first version and every processor share.

/// `ln 2` in two parts: the upper has 20 zeros at its end, so that its product with an exponent is exact.
const LN2_UPPER: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOWER: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// The polynomial's coefficients, of `s^2` first.
const R: [f64; 7] = [
    f64::from_bits(0x3fe5_5555_5555_5593),
    f64::from_bits(0x3fd9_9999_9997_fa04),
    f64::from_bits(0x3fd2_4924_9422_9359),
    f64::from_bits(0x3fcc_71c5_1d8e_78af),
    f64::from_bits(0x3fc7_4664_96cb_03de),
    f64::from_bits(0x3fc3_9a09_d078_c69f),
    f64::from_bits(0x3fc2_f112_df3e_5244),
];
/// The bits of `sqrt(1/2)`, from where on a mantissa stands for `1 + f`.
const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
const TWO_POW_54: f64 = 18_014_398_509_481_984.0;

/// `ln x`, within one unit in the last place; `ln 1` is 0 exactly.
///
/// Shape: a number in, a number out. `ln 0` is minus infinity, `ln inf` is infinity, and a negative number or NaN gives
/// NaN. There are no errors.
///
/// ```
/// assert_eq!(plg_udfs::logarithm::ln(1.0), 0.0);
/// assert_eq!(plg_udfs::logarithm::ln(2.0), core::f64::consts::LN_2);
/// ```
pub fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    // Infinity and NaN are what they were.
    if !x.is_finite() {
        return x;
    }
    let (x, below) = if x < f64::MIN_POSITIVE { (x * TWO_POW_54, 54) } else { (x, 0) };
    // Counted from sqrt(1/2), the exponent is k and the rest is 1 + f.
    let bits = x.to_bits().wrapping_sub(SQRT_HALF);
    let k = f64::from((bits as i64 >> 52) as i32 - below);
    let f = f64::from_bits((bits & ((1 << 52) - 1)) + SQRT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (R[1] + w * (R[3] + w * R[5]));
    let odd = z * (R[0] + w * (R[2] + w * (R[4] + w * R[6])));
    let half_square = 0.5 * f * f;
    s * (half_square + (even + odd)) + k * LN2_LOWER - half_square + f + k * LN2_UPPER
}

/// `ln(1 + x)` for `x` from 0, within a few units in the last place however small `x` is.
///
/// The source of the formula is W. Kahan: what `1 + x` has lost by rounding is made good by a factor.
///
/// ```
/// assert_eq!(plg_udfs::logarithm::ln_1p(1e-20), 1e-20);
/// ```
pub fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum == 1.0 { x } else { ln(sum) * (x / (sum - 1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Random doubles and their logarithms, rounded from 60 digits by mpmath 1.4.1: `float(mp.log(mpf(x)))`.
    const EXACT: &[(f64, f64)] = &[
        (5e-324, -744.4400719213812),
        (2.2250738585072014e-308, -708.3964185322641),
        (1.7976931348623157e+308, 709.782712893384),
        (0.7071067811865475, -0.34657359027997275),
        (0.7071067811865476, -0.3465735902799726),
        (1.4142135623730951, 0.3465735902799727),
        (0.9999999999999999, -1.1102230246251565e-16),
        (1.0000000000000002, 2.2204460492503128e-16),
        (0.1, -2.3025850929940455),
        (0.5, -0.6931471805599453),
        (2.0, 0.6931471805599453),
        (3.0, 1.0986122886681098),
        (10.0, 2.302585092994046),
        (2.718281828459045, 1.0),
        (511823.20095035824, 13.145734533744365),
        (2.4280161293618908e-49, -111.93959504046802),
        (1.6750600737247856, 0.515849029544219),
        (0.58652084649425, -0.5335470676255618),
        (449655.3829131038, 13.016236752611167),
        (2.404855190109659e-94, -215.565509051708),
        (1.9698685221252126, 0.6779668004847186),
        (0.07631990107232312, -2.5728215480651273),
        (876474.9335055455, 13.683663384538074),
        (2.111826970777666e-24, -54.51448879608438),
        (1.1333262446226648, 0.12515688818973753),
        (0.506358748693386, -0.6805098713963835),
        (258644.1736494888, 12.463208549175583),
        (7.569012410567464e+46, 107.94297687570926),
        (0.8367873031552097, -0.17818535888026985),
        (0.1025763803519869, -2.2771475837423663),
        (885921.3250384415, 13.694383427719439),
        (3.5127237483274833e+295, 680.518994166466),
        (1.3184484010674782, 0.27645559147392773),
        (0.5018996126824882, -0.6893551540241007),
        (269036.6664350992, 12.50260295574528),
        (3.5504008595453376e+263, 606.8469399727284),
        (1.2342762912802678, 0.2104847993520963),
        (0.82617351038126, -0.19095046652661898),
        (316657.7903508105, 12.665576944044629),
        (4.247385259113767e-149, -341.6388752956598),
        (1.1793810567480016, 0.16498977268488477),
        (0.06429515517166429, -2.7442709978298097),
        (411311.4264524022, 12.927105935141647),
        (4.7650187086267685e+207, 478.1964157131255),
        (0.6245983497440857, -0.47064647623705635),
        (0.9563668911795052, -0.044613662170020316),
        (583065.8565036432, 13.276055420365736),
        (3.5767451851831848e+28, 65.74683582455373),
        (0.8343915060868508, -0.18105255501319437),
        (0.08443320853843483, -2.4717944886725114),
        (306005.0208436279, 12.63135678878562),
        (1.5544750527303412e+283, 652.0727192192824),
        (0.6592009111048427, -0.4167269182506296),
        (0.7695337380846677, -0.26197048249972),
        (326043.4223038554, 12.69478584872997),
        (3.7353328303667027e+56, 130.26260213349047),
        (1.2794205942040566, 0.24640731467162752),
        (0.06950847467298771, -2.6663065961043624),
        (544766.8957067344, 13.20811326784996),
        (2.771063384399915e+110, 254.30359136916127),
        (1.8167253511451538, 0.5970356228679534),
        (0.9565874571928512, -0.044383059683859506),
        (414087.3738228237, 12.933832278421196),
        (1.3036620885674581e+308, 709.4613859375552),
    ];

    /// Distance in representable doubles of one sign.
    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn ln_lies_within_one_unit_of_sixty_digits() {
        for &(x, exact) in EXACT {
            assert!(ulps(ln(x), exact) <= 1, "{x:e}");
        }
    }

    #[test]
    fn ends_of_the_range_are_those_of_the_real_function() {
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(-0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && ln(f64::NEG_INFINITY).is_nan());
        assert_eq!(ln(1.0).to_bits(), 0);
        assert_eq!(ln_1p(0.0), 0.0);
    }

    #[test]
    fn powers_of_two_are_multiples_of_ln_2() {
        for exponent in -1074..1024 {
            let exact = f64::from(exponent) * core::f64::consts::LN_2;
            assert!(ulps(ln(libm::ldexp(1.0, exponent)), exact) <= 1, "{exponent}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        // The C library's logarithm is itself within one unit, by another method (a table).
        #[test]
        fn ln_agrees_with_the_platform_to_one_unit(x in prop_oneof![0.0..1e-3, 0.5..2.0, 0.99..1.01, 0.0..1e6, 0.0..1e300]) {
            prop_assert!(ulps(ln(x), x.ln()) <= 1, "{x:e}");
        }

        #[test]
        fn ln_1p_agrees_with_the_platform(x in prop_oneof![0.0..1e-12, 0.0..1e-3, 0.0..1.0, 0.0..1e9]) {
            prop_assert!(ulps(ln_1p(x), x.ln_1p()) <= 4, "{x:e}");
        }

        #[test]
        fn ln_never_falls_by_more_than_its_error(x in 1e-300f64..1e300) {
            let next = f64::from_bits(x.to_bits() + 1);
            prop_assert!(ln(next) >= ln(x) - f64::EPSILON * ln(x).abs(), "{x:e}");
        }
    }
}
