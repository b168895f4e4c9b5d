//! Internet addresses and the blocks that one subscriber usually has: an IPv4 /24, an IPv6 /48.

use crate::Result;
use crate::abi::Output;
use crate::digits::digits;
use alloc::vec::Vec;

/// The block of an address, as a number: the 24 or 48 bits that its addresses share, and a mark for IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Block(u64);

const IPV4: u64 = 1 << 63;

/// Writes the block of an internet address as text: the /24 of an IPv4 address, the /48 of an IPv6 address in the text of
/// RFC 5952, and NULL for what is none.
///
/// An IPv4-mapped IPv6 address (`::ffff:203.0.113.7`) is its IPv4 address. Accepted is what Python's `ipaddress` accepts,
/// without zones: no leading zeros in IPv4, no spaces, no ports. Never fails.
pub fn ip_block(ip: &[u8], out: &mut Output) -> Result<()> {
    match Block::of(ip) {
        Some(block) => out.text_with(|text| block.push(text)),
        None => out.null_text(),
    }
    Ok(())
}

impl Block {
    /// The block of the address in `text`; `None` if it is no address.
    #[inline(never)]
    pub fn of(text: &[u8]) -> Option<Block> {
        if !text.contains(&b':') {
            return Some(Block::of_v4(parse_v4(text)?));
        }
        let groups = parse_v6(text)?;
        match groups {
            [0, 0, 0, 0, 0, 0xFFFF, high, low] => Some(Block::of_v4((high as u32) << 16 | low as u32)),
            [first, second, third, ..] => Some(Block((first as u64) << 32 | (second as u64) << 16 | third as u64)),
        }
    }

    fn of_v4(address: u32) -> Block {
        Block(IPV4 | (address >> 8) as u64)
    }

    /// Appends `203.0.113.0/24` or `2001:db8:1::/48`.
    #[inline(never)]
    pub fn push(self, text: &mut Vec<u8>) {
        if self.0 & IPV4 != 0 {
            for shift in [16, 8, 0] {
                text.extend_from_slice(digits(self.0 >> shift & 0xFF, &mut [0; 20]));
                text.push(b'.');
            }
            text.extend_from_slice(b"0/24");
            return;
        }
        // The zeros after the three groups are the longest run there can be, and those before them belong to it.
        let groups = [32, 16, 0].map(|shift| (self.0 >> shift & 0xFFFF) as u16);
        let shown = groups.iter().rposition(|&group| group != 0).map_or(0, |last| last + 1);
        for &group in groups.iter().take(shown) {
            push_hex(text, group);
            text.push(b':');
        }
        text.extend_from_slice(if shown == 0 { b"::/48" } else { b":/48" });
    }
}

/// Lower-case hexadecimal digits without leading zeros.
fn push_hex(text: &mut Vec<u8>, group: u16) {
    let mut started = false;
    for shift in [12, 8, 4, 0] {
        let digit = (group >> shift & 0xF) as u8;
        started |= digit != 0 || shift == 0;
        if started {
            text.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        }
    }
}

#[inline(never)]
fn parse_v4(text: &[u8]) -> Option<u32> {
    let mut address = 0;
    let mut octets = 0;
    for octet in text.split(|&byte| byte == b'.') {
        // A leading zero would be octal to some readers.
        if octet.is_empty() || octet.len() > 3 || (octet.len() > 1 && octet.first() == Some(&b'0')) {
            return None;
        }
        let mut value = 0;
        for &byte in octet {
            value = value * 10 + byte.is_ascii_digit().then(|| (byte - b'0') as u32)?;
        }
        octets += 1;
        if value > 255 || octets > 4 {
            return None;
        }
        address = address << 8 | value;
    }
    (octets == 4).then_some(address)
}

#[inline(never)]
fn parse_v6(text: &[u8]) -> Option<[u16; 8]> {
    let mut groups = [0; 8];
    let mut count = 0;
    // How many groups stand before the `::`.
    let mut gap = None;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix(b"::") {
        (gap, rest) = (Some(0), after);
    }
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
        let (group, after) = rest.split_at(end);
        if after.is_empty() && group.contains(&b'.') {
            let address = parse_v4(group)?;
            *groups.get_mut(count)? = (address >> 16) as u16;
            *groups.get_mut(count + 1)? = address as u16;
            count += 2;
            break;
        }
        *groups.get_mut(count)? = parse_group(group)?;
        count += 1;
        rest = match after {
            [] => after,
            [_] => return None,
            [_, b':', after @ ..] if gap.is_none() => {
                gap = Some(count);
                after
            }
            [_, after @ ..] => after,
        };
    }
    let Some(gap) = gap else { return (count == 8).then_some(groups) };
    // The `::` stands for one group at least.
    if count > 7 {
        return None;
    }
    let mut filled = [0; 8];
    for (index, &group) in groups.iter().take(count).enumerate() {
        let place = if index < gap { index } else { index + 8 - count };
        *filled.get_mut(place)? = group;
    }
    Some(filled)
}

/// One to four hexadecimal digits.
fn parse_group(text: &[u8]) -> Option<u16> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    let mut value = 0;
    for &byte in text {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        };
        value = value << 4 | digit as u16;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::Block;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::net::{IpAddr, Ipv6Addr};
    use proptest::prelude::*;

    fn block(ip: &str) -> Option<String> {
        let mut text = Vec::new();
        Block::of(ip.as_bytes())?.push(&mut text);
        Some(String::from_utf8(text).unwrap())
    }

    /// The standard library's reading and writing of addresses.
    fn expected(ip: &str) -> Option<String> {
        match ip.parse::<IpAddr>().ok()?.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Some(alloc::format!("{a}.{b}.{c}.0/24"))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Some(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string() + "/48")
            }
        }
    }

    proptest! {
        #[test]
        fn any_address_has_the_block_that_the_standard_library_gives(bits: u128, zeros: u8) {
            // Groups that are zero are what the text abbreviates.
            let groups: [u16; 8] = core::array::from_fn(|i| if zeros >> i & 1 == 1 { 0 } else { (bits >> (16 * i)) as u16 });
            let text = Ipv6Addr::from(groups).to_string();
            prop_assert_eq!(block(&text), expected(&text));
            let long: Vec<String> = groups.iter().map(|group| alloc::format!("{group:X}")).collect();
            prop_assert_eq!(block(&long.join(":")), expected(&text));
        }

        #[test]
        fn what_is_no_address_is_none(text in "[0-9a-f:.]{0,12}", more in "(::)?([0-9A-f]{1,4}:){0,7}(::)?([0-9.]{1,4}){0,4}") {
            prop_assert_eq!(block(&text), expected(&text), "{}", text);
            prop_assert_eq!(block(&more), expected(&more), "{}", more);
        }
    }
}
