//! What operands are worth while a row is evaluated.

use super::truth::{Comparison, Truth};
use crate::lower::lower;

/// The value of an operand. Booleans are 0 and 1, points in time microseconds.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Null,
    Number(f64),
    Text(Text<'a>),
}

/// A text, perhaps to be read in lower case: `lower` makes no copy, as evaluation has no memory of its own.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub bytes: &'a [u8],
    pub lower: bool,
}

/// The code points.
impl Iterator for Text<'_> {
    type Item = u32;

    #[inline(never)]
    fn next(&mut self) -> Option<u32> {
        let (&first, mut rest) = self.bytes.split_first()?;
        let mut point = first as u32;
        if first >= 0x80 {
            point &= 0x7F >> first.leading_ones();
            while let Some((&byte, after)) = rest.split_first()
                && byte & 0xC0 == 0x80
            {
                point = point << 6 | (byte & 0x3F) as u32;
                rest = after;
            }
        }
        self.bytes = rest;
        Some(if self.lower { lower(point) } else { point })
    }
}

impl Text<'_> {
    /// The order of the UTF-8 bytes, which is that of the code points.
    pub fn order(self, other: Text<'_>) -> core::cmp::Ordering {
        if self.lower || other.lower { self.cmp(other) } else { self.bytes.cmp(other.bytes) }
    }

    /// Whether the text is like a pattern: `%` stands for any code points, `_` for one, and the one after `escape` for
    /// itself. Nothing is like a pattern that ends with `escape`.
    pub fn is_like(mut self, mut pattern: Text<'_>, escape: u32) -> bool {
        // Text and pattern after the last `%`, which takes one code point more when the rest does not match.
        let mut retry: Option<(Text<'_>, Text<'_>)> = None;
        loop {
            let mut wanted = pattern.next();
            let escaped = wanted == Some(escape);
            if escaped {
                wanted = pattern.next();
            } else if wanted == Some('%' as u32) {
                retry = Some((self, pattern));
                continue;
            }
            let found = self.next();
            let any = wanted == Some('_' as u32) && !escaped && found.is_some();
            if wanted == found || any {
                if found.is_none() {
                    return !escaped;
                }
                continue;
            }
            let Some((text, after)) = &mut retry else { return false };
            if text.next().is_none() {
                return false;
            }
            (self, pattern) = (*text, *after);
        }
    }
}

impl Comparison {
    /// Compares values of one type, either of which may be NULL.
    pub fn values(self, left: Value<'_>, right: Value<'_>) -> Truth {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => self.numbers(left, right).into(),
            (Value::Text(left), Value::Text(right)) => self.orders(left.order(right)).into(),
            (left, right) if self.treats_null_as_value() => {
                let both = matches!((left, right), (Value::Null, Value::Null));
                self.orders(if both { core::cmp::Ordering::Equal } else { core::cmp::Ordering::Less }).into()
            }
            _ => Truth::Null,
        }
    }
}

/// The remainder of a division as C's fmod has it: exact, with the sign of the dividend. A remainder by zero, and of
/// infinity, is NaN.
pub(super) fn remainder(dividend: f64, divisor: f64) -> f64 {
    let (mut rest, least) = (dividend.abs(), divisor.abs());
    if !(rest < f64::INFINITY && least > 0.0) {
        return f64::NAN;
    }
    // Doubling and halving are exact, and so is the difference of two numbers one of which is at most twice the other.
    let mut part = least;
    while rest - part >= part {
        part += part;
    }
    loop {
        if rest >= part {
            rest -= part;
        }
        if part == least {
            return if dividend.is_sign_negative() { -rest } else { rest };
        }
        part *= 0.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Text<'_> {
        Text { bytes: text.as_bytes(), lower: false }
    }

    /// By recursion, over code points.
    fn slow_like(text: &[char], pattern: &[char], escape: Option<char>) -> bool {
        match pattern {
            [] => text.is_empty(),
            [first, rest @ ..] if Some(*first) == escape => match (rest, text) {
                ([wanted, rest @ ..], [found, text @ ..]) => wanted == found && slow_like(text, rest, escape),
                _ => false,
            },
            ['%', rest @ ..] => (0..=text.len()).any(|taken| slow_like(&text[taken..], rest, escape)),
            [wanted, rest @ ..] => {
                text.first().is_some_and(|found| wanted == found || *wanted == '_')
                    && slow_like(&text[1..], rest, escape)
            }
        }
    }

    proptest! {
        #[test]
        fn remainders_are_those_of_the_standard_library(bits in any::<[u64; 2]>(), near in any::<[i16; 2]>()) {
            let [dividend, divisor] = bits.map(f64::from_bits);
            let (near_dividend, near_divisor) = (near[0] as f64 * 0.25, near[1] as f64 * 0.5);
            for (dividend, divisor) in [(dividend, divisor), (near_dividend, near_divisor), (dividend, near_divisor)] {
                let (ours, theirs) = (remainder(dividend, divisor), dividend % divisor);
                prop_assert!(ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan()));
            }
        }

        #[test]
        fn like_is_what_recursion_finds(subject in "[ab%_!ä😀]{0,8}", pattern in "[ab%_!ä😀]{0,8}", escaped in any::<bool>()) {
            let escape = escaped.then_some('!');
            let chars = |text: &str| text.chars().collect::<std::vec::Vec<char>>();
            let expected = slow_like(&chars(&subject), &chars(&pattern), escape);
            let code = escape.map_or(u32::MAX, |escape| escape as u32);
            prop_assert_eq!(text(&subject).is_like(text(&pattern), code), expected);
        }

        #[test]
        fn code_points_are_those_of_the_text(subject in any::<std::string::String>()) {
            prop_assert!(text(&subject).eq(subject.chars().map(|point| point as u32)));
        }
    }

    #[test]
    fn numbers_at_the_ends_have_remainders() {
        for (dividend, divisor) in
            [(f64::MAX, 5e-324), (f64::MAX, 3.0), (5e-324, f64::MAX), (-0.0, 1.0), (1.0, f64::INFINITY)]
        {
            assert_eq!(remainder(dividend, divisor).to_bits(), (dividend % divisor).to_bits());
        }
    }
}
