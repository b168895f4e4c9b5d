//! Number literals, read exactly. The standard library's parser would cost a module 20 KB; with at most 15 digits and a
//! power of ten up to 10^22 both factors are exact doubles, and one multiplication or division rounds correctly.

const MAX_DIGITS: u32 = 15;
const MAX_EXPONENT: i32 = 22;

/// The value of digits with at most one point and an exponent, as the lexer leaves them. `None` when it has more than
/// 15 significant digits or a decimal exponent beyond 22.
pub(super) fn parse(text: &[u8]) -> Option<f64> {
    let mut mantissa = 0u64;
    let mut digits = 0;
    // Zeros that count only if another digit follows.
    let mut zeros = 0u32;
    let mut exponent = 0i32;
    let mut after_point = false;
    let mut rest = text.iter();
    for &byte in rest.by_ref() {
        match byte {
            b'.' => after_point = true,
            b'0' => {
                exponent -= after_point as i32;
                zeros += (mantissa != 0) as u32;
            }
            b'1'..=b'9' => {
                exponent -= after_point as i32;
                digits += zeros + 1;
                if digits > MAX_DIGITS {
                    return None;
                }
                for _ in 0..=zeros {
                    mantissa *= 10;
                }
                mantissa += (byte - b'0') as u64;
                zeros = 0;
            }
            _ => break,
        }
    }
    if mantissa == 0 {
        return Some(0.0);
    }
    exponent += zeros as i32;
    let mut written = 0i32;
    let mut negative = false;
    for &byte in rest {
        match byte {
            b'-' => negative = true,
            b'0'..=b'9' => written = written.saturating_mul(10).saturating_add((byte - b'0') as i32),
            _ => {}
        }
    }
    exponent = exponent.saturating_add(if negative { -written } else { written });
    if exponent.unsigned_abs() > MAX_EXPONENT as u32 {
        return None;
    }
    let mut power = 1.0;
    for _ in 0..exponent.unsigned_abs() {
        power *= 10.0;
    }
    Some(if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_read_as_the_nearest_double(mantissa in 0u64..1_000_000_000_000_000, exponent in -22i32..=22) {
            let text = std::format!("{mantissa}e{exponent}");
            match parse(text.as_bytes()) {
                Some(value) => prop_assert_eq!(value, text.parse::<f64>().unwrap()),
                // Zeros at the end of the digits belong to the exponent.
                None => prop_assert!(mantissa % 10 == 0 && exponent > 0),
            }
        }

        #[test]
        fn decimals_are_read_as_the_nearest_double(whole in 0u32..10_000_000, part in "[0-9]{0,7}") {
            let text = std::format!("{whole}.{part}");
            prop_assert_eq!(parse(text.as_bytes()), Some(text.parse::<f64>().unwrap()));
        }

        #[test]
        fn no_digits_panic(text in "[0-9]{0,40}\\.?[0-9]{0,400}([eE][+-]?[0-9]{1,20})?") {
            let _ = parse(text.as_bytes());
        }
    }

    #[test]
    fn what_cannot_be_read_exactly_is_refused() {
        for text in ["1234567890123456", "0.1234567890123456", "1e23", "1e-23", "1e99999999999", "10e22"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        for (text, value) in [
            ("000123456789012345", 123_456_789_012_345.0),
            ("0.000000000000000000001", 1e-21),
            ("10000000000000000000000", 1e22),
            ("1.00000000000000000000000000000", 1.0),
            ("0e999", 0.0),
            (".5", 0.5),
            ("7.", 7.0),
            ("25E-2", 0.25),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(value), "{text}");
        }
    }
}
