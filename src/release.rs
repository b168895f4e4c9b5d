//! Releases: how far an installed version is behind.

use crate::Result;
use crate::abi::{Output, Texts};
use crate::sort::sort_by;
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

/// Major, minor and patch.
type Version = [u32; 3];

/// What a suffix of a version that is not released yet begins with; every other suffix names an edition or a build.
const PRE: [&[u8]; 8] = [b"alpha", b"beta", b"rc", b"pre", b"preview", b"dev", b"snapshot", b"nightly"];

#[derive(Clone, Copy)]
struct Release {
    version: Version,
    /// The number of its row.
    row: usize,
    /// Microseconds since 1970 UTC, NaN where unknown.
    released_at: f64,
}

/// How many major and minor releases, and days, an installed version is behind the newest release at a point in time.
///
/// Writes the newest release as it is listed, the number of majors and of minor lines (major and minor) above the
/// installed one that have been released, the days from the installed release to the newest, and how many rows were
/// ignored: those without a version that can be read, pre-releases, and what was released after `as_of`. The installed
/// release is the newest that is listed and not above the version. A release without time (NaN) counts at any `as_of`. All
/// are NULL that cannot be known: all but the newest release where the version cannot be read, and the days where one of
/// the two times is missing. Points in time are microseconds since 1970 UTC. Never fails.
pub fn version_lag(
    version: &[u8],
    releases_version: Texts<'_>,
    releases_released_at: &[f64],
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let text = |release: &Release| releases_version.get(release.row).unwrap_or(&[]);
    let mut releases = Vec::new();
    for (row, &released_at) in releases_released_at.iter().enumerate() {
        if let Some((version, false)) = releases_version.get(row).and_then(parse)
            && (released_at.is_nan() || released_at <= as_of)
        {
            releases.push(Release { version, row, released_at });
        }
    }
    // Of one version the one whose text is smallest comes last.
    sort_by(&mut releases, |one, other| {
        one.version < other.version || one.version == other.version && text(one) > text(other)
    });
    let ignored = releases_released_at.len() - releases.len();
    let newest = releases.last();
    out.optional_text(newest.map(text));
    match (parse(version), newest) {
        (Some((installed, _)), Some(newest)) => lag(installed, newest, &releases, out),
        _ => out.slots(&[f64::NAN; 3]),
    }
    out.double(ignored as f64);
    Ok(())
}

/// Writes majors, minors and days from the installed version to the newest of the sorted releases.
fn lag(installed: Version, newest: &Release, releases: &[Release], out: &mut Output) {
    let (mut majors, mut minors) = (0, 0);
    let mut line = installed;
    for release in releases {
        let [major, minor, _] = release.version;
        if [major, minor] > [line[0], line[1]] {
            majors += (major > line[0]) as u32;
            minors += 1;
            line = release.version;
        }
    }
    // When a version came out, the earliest row that says so.
    let time = |version: Version| {
        let rows = releases.iter().filter(|release| release.version == version);
        rows.map(|release| release.released_at).fold(f64::NAN, |earliest, time| {
            if earliest <= time {
                earliest
            } else if time.is_nan() {
                earliest
            } else {
                time
            }
        })
    };
    let days = if installed >= newest.version {
        0.0
    } else {
        match releases.iter().rfind(|release| release.version <= installed) {
            None => f64::NAN,
            Some(release) => {
                let days = (time(newest.version) - time(release.version)) / MICROSECONDS_PER_DAY;
                // A patch of an old line may come out after the newest line.
                if days < 0.0 { 0.0 } else { days }
            }
        }
    };
    out.slots(&[majors as f64, minors as f64, days]);
}

/// The numbers of a version and whether it is a pre-release; `None` for what is no version.
///
/// `v13.4.2-ee` and `24.04` are versions: one to three whole numbers of at most nine digits, perhaps a `v` before, and
/// after them perhaps a `-` or `+` and a suffix of letters, digits, dots, hyphens and plus signs.
#[inline(never)]
fn parse(text: &[u8]) -> Option<(Version, bool)> {
    let text = text.strip_prefix(b"v").or(text.strip_prefix(b"V")).unwrap_or(text);
    let end = text.iter().position(|&byte| byte == b'-' || byte == b'+').unwrap_or(text.len());
    let (numbers, suffix) = text.split_at(end);
    let mut version = [0; 3];
    let mut places = version.iter_mut();
    for digits in numbers.split(|&byte| byte == b'.') {
        let place = places.next()?;
        if digits.is_empty() || digits.len() > 9 {
            return None;
        }
        for &byte in digits {
            *place = *place * 10 + byte.is_ascii_digit().then(|| (byte - b'0') as u32)?;
        }
    }
    if suffix.len() == 1 || suffix.iter().any(|&byte| !byte.is_ascii_alphanumeric() && !b"-.+".contains(&byte)) {
        return None;
    }
    // Behind a plus sign stands how it was built.
    let mut parts = suffix.split(|&byte| byte == b'+').next()?.split(|&byte| byte == b'-' || byte == b'.');
    Some((version, parts.any(is_pre)))
}

/// Whether the letters that a part of a suffix begins with say that it comes before the release.
fn is_pre(part: &[u8]) -> bool {
    let letters = part.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(part.len());
    let letters = part.get(..letters).unwrap_or(&[]);
    PRE.iter().any(|known| known.eq_ignore_ascii_case(letters))
}
