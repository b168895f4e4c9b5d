//! Points in time as microseconds since 1970-01-01T00:00:00 UTC, and their ISO-8601 text.
//!
//! chrono's parser would cost a module 30 KB, so modules carry these few lines; the tests hold them against chrono.
//! The calendar arithmetic is the usual era-based one for the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible
//! low-level date algorithms").

use crate::digits::digits;
use alloc::vec::Vec;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
pub(crate) const MICROSECONDS_PER_SECOND: f64 = SECOND as f64;
pub(crate) const MICROSECONDS_PER_HOUR: f64 = (3_600 * SECOND) as f64;
pub(crate) const MICROSECONDS_PER_DAY: f64 = DAY as f64;
/// Longer than any timestamp that a database writes; hosts have a place of this size for the text.
const MAX_LENGTH: usize = 64;

/// Microseconds since 1970 of an ISO-8601 text: `2026-01-31`, `2026-01-31T12:00`, `2026-01-31 12:00:00.123456+01:00`.
///
/// Between date and time stands `T` or a space; seconds and fractions may be left out; digits after the sixth are cut
/// off; the zone is `Z`, `UTC`, `±hh`, `±hhmm` or `±hh:mm`, after an optional space, and UTC where absent. `None` for
/// anything else, for more than 64 bytes, for years outside 1..=9999 and for leap seconds.
///
/// ```
/// assert_eq!(plg_udfs::timestamp::parse(b"1970-01-02T00:00:00.5Z"), Some(86_400_500_000));
/// assert_eq!(plg_udfs::timestamp::parse(b"1970-01-01 01:00 +01:00"), Some(0));
/// assert_eq!(plg_udfs::timestamp::parse(b"yesterday"), None);
/// ```
pub fn parse(text: &[u8]) -> Option<i64> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut rest = Scanner(text);
    let year = rest.digits(4)?;
    rest.expect(b'-')?;
    let month = rest.digits(2)?;
    rest.expect(b'-')?;
    let day = rest.digits(2)?;
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let date = days_from_civil(year, month, day) * DAY;
    if rest.0.is_empty() {
        return Some(date);
    }
    if rest.expect(b'T').is_none() {
        rest.expect(b' ')?;
    }
    let hour = rest.digits(2)?;
    rest.expect(b':')?;
    let minute = rest.digits(2)?;
    let mut second = 0;
    let mut microsecond = 0;
    if rest.expect(b':').is_some() {
        second = rest.digits(2)?;
        if rest.expect(b'.').is_some() {
            microsecond = rest.fraction()?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset = rest.zone()?;
    Some(date + ((hour * 60 + minute - offset) * 60 + second) * SECOND + microsecond)
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    #[inline(never)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        let (&first, rest) = self.0.split_first()?;
        if first != byte {
            return None;
        }
        self.0 = rest;
        Some(())
    }

    #[inline(never)]
    fn digits(&mut self, count: usize) -> Option<i64> {
        let mut value = 0;
        for _ in 0..count {
            let (&digit, rest) = self.0.split_first()?;
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + (digit - b'0') as i64;
            self.0 = rest;
        }
        Some(value)
    }

    /// Microseconds from one or more digits after the point.
    fn fraction(&mut self) -> Option<i64> {
        let mut value = self.digits(1)? * (SECOND / 10);
        let mut unit = SECOND / 100;
        while self.0.first().is_some_and(u8::is_ascii_digit) {
            value += self.digits(1)? * unit;
            unit /= 10;
        }
        Some(value)
    }

    /// Minutes east of UTC; the zone must be the rest of the text.
    fn zone(&mut self) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        let _ = self.expect(b' ');
        if self.0 == b"Z" || self.0 == b"UTC" {
            return Some(0);
        }
        let sign = if self.expect(b'+').is_some() {
            1
        } else {
            self.expect(b'-')?;
            -1
        };
        let hours = self.digits(2)?;
        let mut minutes = 0;
        if !self.0.is_empty() {
            let _ = self.expect(b':');
            minutes = self.digits(2)?;
        }
        (self.0.is_empty() && hours <= 18 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
    }
}

/// Appends `2026-01-31T12:00:00.000000Z`.
pub fn push_iso(text: &mut Vec<u8>, microseconds: i64) {
    let (year, month, day) = civil_from_days(microseconds.div_euclid(DAY));
    let time = microseconds.rem_euclid(DAY);
    if year < 0 {
        text.push(b'-');
    }
    push_padded(text, year.unsigned_abs(), 4);
    text.push(b'-');
    push_padded(text, month as u64, 2);
    text.push(b'-');
    push_padded(text, day as u64, 2);
    text.push(b'T');
    push_padded(text, (time / (3_600 * SECOND)) as u64, 2);
    text.push(b':');
    push_padded(text, (time / (60 * SECOND) % 60) as u64, 2);
    text.push(b':');
    push_padded(text, (time / SECOND % 60) as u64, 2);
    text.push(b'.');
    push_padded(text, (time % SECOND) as u64, 6);
    text.push(b'Z');
}

#[inline(never)]
fn push_padded(text: &mut Vec<u8>, value: u64, width: usize) {
    let mut buffer = [0; 20];
    let digits = digits(value, &mut buffer);
    (digits.len()..width).for_each(|_| text.push(b'0'));
    text.extend_from_slice(digits);
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + is_leap(year) as i64,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a civil date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - (month <= 2) as i64;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use chrono::{DateTime, SecondsFormat, Utc};
    use proptest::prelude::*;

    fn iso(microseconds: i64) -> String {
        let mut text = Vec::new();
        push_iso(&mut text, microseconds);
        String::from_utf8(text).unwrap()
    }

    proptest! {
        #[test]
        fn text_and_value_agree_with_chrono(microseconds in -62_135_596_800_000_000i64..253_402_300_800_000_000) {
            let theirs = DateTime::<Utc>::from_timestamp_micros(microseconds).unwrap();
            prop_assert_eq!(iso(microseconds), theirs.to_rfc3339_opts(SecondsFormat::Micros, true));
            prop_assert_eq!(parse(iso(microseconds).as_bytes()), Some(microseconds));
        }

        #[test]
        fn offsets_agree_with_chrono(microseconds in 0i64..4_000_000_000_000_000, minutes in -1_080i32..=1_080) {
            let zone = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let text = DateTime::<Utc>::from_timestamp_micros(microseconds).unwrap().with_timezone(&zone).to_rfc3339();
            prop_assert_eq!(parse(text.as_bytes()), Some(microseconds));
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:. +-]{0,40}") {
            let _ = parse(text.as_bytes());
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-01T",
            "2026-01-01T24:00",
            "0000-01-01",
            "2026-01-01T10:00:60",
            "2026-01-01T10:00+1",
            "2026-01-01T10:00Zx",
            "2026-01-01T10:00:00.",
            "26-01-01",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn digits_after_the_sixth_are_cut_off() {
        assert_eq!(parse(b"1970-01-01T00:00:00.123456999Z"), Some(123_456));
    }
}
