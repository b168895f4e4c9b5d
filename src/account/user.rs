//! The account of a user: that of the workspace in which the user is active on most days.

use crate::abi::{Output, Texts};
use crate::ranks::{NONE, key, of, rank, set};
use crate::timestamp::MICROSECONDS_PER_DAY;
use crate::{Error, Result};
use alloc::vec::Vec;

const MAX_DAYS: f64 = 36_500.0;

/// Finds the account of a user.
///
/// `days` is the length of the window in UTC days, the last of which is that of `as_of`; times are microseconds since
/// 1970 UTC. A row without time (NaN), and one before the window, makes its workspace one without active days. Writes
/// account, workspace and its active days, the number of workspaces, and the ignored rows by reason. Error: `days` that
/// is no whole number from 1 to 36,500.
pub fn user_account(
    activity_workspace_id: Texts<'_>,
    activity_account_id: Texts<'_>,
    activity_occurred_at: &[f64],
    days: f64,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    if !(1.0..=MAX_DAYS).contains(&days) || days != days as u32 as f64 {
        return Err(Error::new("days", "must be a whole number from 1 to 36,500"));
    }
    let (workspaces, accounts) = (rank(&[activity_workspace_id]), rank(&[activity_account_id]));
    let day = |time: f64| (time as i64).div_euclid(MICROSECONDS_PER_DAY as i64);
    let first = day(as_of) - days as i64 + 1;
    // Without workspace, after `as_of`, with an account that is not the workspace's.
    let mut ignored = [0.0; 3];
    let mut rows = Vec::new();
    for (index, &time) in activity_occurred_at.iter().enumerate() {
        let workspace = workspaces.columns[0][index];
        if workspace == NONE {
            ignored[0] += 1.0;
        } else if time > as_of {
            ignored[1] += 1.0;
        } else {
            // Days of the window count from 1; 0 is no day.
            let number = if time.is_nan() { 0 } else { (day(time) - first + 1).max(0) };
            rows.push((workspace, accounts.columns[0][index], number as u32));
        }
    }
    let owners = set(rows.iter().map(|&(workspace, account, _)| key(workspace, account)).collect());
    let active = set(rows.iter().map(|&(workspace, _, number)| key(workspace, number)).collect());
    // The smallest account: NONE is the greatest number.
    let owner = |workspace| of(&owners, workspace).first().map_or(NONE, |&owner| owner as u32);
    ignored[2] = rows.iter().filter(|row| row.1 != NONE && row.1 != owner(row.0)).count() as f64;
    let (mut best, mut most, mut count) = (NONE, 0, 0.0);
    for days in active.chunk_by(|one, other| one >> 32 == other >> 32) {
        let number = days.iter().filter(|&&day| day as u32 != 0).count();
        // They come by the bytes of their ids.
        if best == NONE || number > most {
            (best, most) = ((days[0] >> 32) as u32, number);
        }
        count += 1.0;
    }
    let name = |names: &[&[u8]], number: u32, out: &mut Output| {
        out.optional_text(names.get(number as usize).copied());
    };
    name(&accounts.names, if best == NONE { NONE } else { owner(best) }, out);
    name(&workspaces.names, best, out);
    out.slots(&[most as f64, count]);
    out.slots(&ignored);
    Ok(())
}
