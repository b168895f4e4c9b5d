//! The users of a workspace: who they are, and whose own events count.

use super::Model;
use crate::abi::Texts;
use crate::identity::hash_and_prefix;
use crate::score;
use crate::score::explain::limited;
use crate::score::history::{History, NO_USER, add};
use crate::score::units::Units;
use alloc::vec::Vec;

const EMPTY: u32 = u32::MAX;

/// Users by their ids.
pub(super) struct Users<'a> {
    users: Vec<User<'a>>,
    /// Numbers of users by the hash of the id, at most half full.
    table: Vec<u32>,
    /// The factor of users without role.
    other_role: f64,
    /// Rows of users that told nothing new, or no id.
    pub superfluous: u32,
}

struct User<'a> {
    id: &'a [u8],
    hash: u32,
    factor: f64,
    is_admin: bool,
    is_champion: bool,
}

impl<'a> Users<'a> {
    pub fn new(model: &Model, ids: Texts<'a>, roles: &[i32], personas: &[i32]) -> Self {
        let mut table = Vec::new();
        table.resize((ids.len() * 2).next_power_of_two().max(16), EMPTY);
        let other_role = model.base.role_factor(-1);
        let mut users = Users { users: Vec::with_capacity(ids.len()), table, other_role, superfluous: 0 };
        for (index, (&role, &persona)) in roles.iter().zip(personas).enumerate() {
            let Some(id) = ids.get(index) else {
                users.superfluous += 1;
                continue;
            };
            let known = users.users.len();
            let number = users.number(id);
            let Some(user) = users.users.get_mut(number as usize) else { continue };
            let factor = model.base.role_factor(role);
            if (number as usize) < known {
                users.superfluous += 1;
                user.factor = user.factor.max(factor);
            } else {
                user.factor = factor;
            }
            user.is_admin |= model.admin_roles.get(role as usize) == Some(&true);
            user.is_champion |= persona >= 0;
        }
        users
    }

    /// The number of the user with this id, who is new if nobody has it.
    fn number(&mut self, id: &'a [u8]) -> u32 {
        if self.users.len() * 2 >= self.table.len() {
            self.grow();
        }
        let (hash, _) = hash_and_prefix(id);
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.table[slot];
            match self.users.get(number as usize) {
                None => break,
                Some(user) if user.hash == hash && user.id == id => return number,
                Some(_) => slot = (slot + 1) & mask,
            }
        }
        let number = self.users.len() as u32;
        self.table[slot] = number;
        self.users.push(User { id, hash, factor: self.other_role, is_admin: false, is_champion: false });
        number
    }

    fn grow(&mut self) {
        let size = self.table.len() * 2;
        self.table.clear();
        self.table.resize(size, EMPTY);
        for (number, user) in self.users.iter().enumerate() {
            let mut slot = user.hash as usize & (size - 1);
            while self.table[slot] != EMPTY {
                slot = (slot + 1) & (size - 1);
            }
            self.table[slot] = number as u32;
        }
    }

    /// The number of the user of each event; users of events alone have neither role nor persona.
    pub fn of_events(&mut self, ids: Texts<'a>) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(ids.len());
        // Rollups come user by user.
        let (mut last_id, mut last): (Option<&[u8]>, u32) = (None, NO_USER);
        for index in 0..ids.len() {
            let id = ids.get(index);
            if id != last_id {
                (last_id, last) = (id, id.map_or(NO_USER, |id| self.number(id)));
            }
            numbers.push(last);
        }
        numbers
    }

    fn get(&self, user: u32) -> Option<&User<'a>> {
        self.users.get(user as usize)
    }

    pub fn id(&self, user: u32) -> &'a [u8] {
        self.get(user).map_or(&[], |user| user.id)
    }

    pub fn factor(&self, user: u32) -> f64 {
        self.get(user).map_or(self.other_role, |user| user.factor)
    }

    pub fn is_admin(&self, user: u32) -> bool {
        self.get(user).is_some_and(|user| user.is_admin)
    }

    /// The admin or champion with the most points of user scope, limited per bucket; ties go to the smallest id. The outer
    /// `None` from 2^19 points on, the inner if nobody is eligible.
    pub fn select(&self, model: &score::Model, history: &History) -> Option<Option<u32>> {
        let named = self.users.iter().any(|user| user.is_champion);
        let buckets = model.buckets.len();
        let mut sums = Vec::new();
        sums.resize(buckets * self.users.len(), Units::ZERO);
        for tally in &history.tallies {
            if let Some(rule) = model.rules.get(tally.rule).filter(|_| tally.user != NO_USER)
                && let Some(sum) = sums.get_mut(tally.user as usize * buckets + rule.bucket)
            {
                *sum = sum.plus(tally.points)?;
            }
        }
        let mut best: Option<(i64, u32)> = None;
        for (number, user) in self.users.iter().enumerate() {
            let is_champion = if named { user.is_champion } else { user.factor >= 1.0 };
            if !user.is_admin && !is_champion {
                continue;
            }
            let own = sums.get(number * buckets..).unwrap_or(&[]);
            let points = own.iter().zip(&model.buckets).map(|(sum, bucket)| limited(*sum, bucket.max).0).sum::<i64>();
            let number = number as u32;
            if best.is_none_or(|(most, best)| points > most || (points == most && user.id < self.id(best))) {
                best = Some((points, number));
            }
        }
        Some(best.map(|(_, user)| user))
    }

    /// The occurrences that earned points for users who were not selected.
    pub fn not_selected(&self, history: &History, selected: Option<u32>) -> u64 {
        let mut sum = 0;
        for tally in &history.tallies {
            if tally.user != NO_USER && Some(tally.user) != selected {
                add(&mut sum, tally.occurrences);
            }
        }
        sum
    }
}
