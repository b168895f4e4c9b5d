// A set of texts that knows only their fingerprints: the build script writes it, the modules ask it.

/// A set of texts, as fingerprints in Elias and Fano's code: `bits + 2` bits for each.
pub struct Set {
    /// How many fingerprints there are, and how many buckets.
    pub count: u32,
    /// How many bits of a fingerprint stand in `lower`: a text that is not in the set is found with a probability of
    /// 2^-bits.
    pub bits: u32,
    /// For each bucket a 1 for each of its fingerprints and a 0, lowest bit first, in whole words of eight bytes.
    pub upper: &'static [u8],
    /// The fingerprints' bits, bucket after bucket, lowest bit first.
    pub lower: &'static [u8],
}

/// The bucket of a text among `count`, and the `bits` bits of its fingerprint: FNV-1a with 64 bits, then the finalizer of
/// MurmurHash3, as FNV's high bits alone are poor.
pub fn fingerprint(text: &[u8], count: u32, bits: u32) -> (u32, u32) {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for &byte in text {
        hash = (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    // The bucket comes from the upper half of the hash and the rest from the lower one: they are independent.
    (((hash >> 32) * count as u64 >> 32) as u32, hash as u32 & ((1 << bits) - 1))
}

impl Set {
    /// Whether the set has the text: always if it does, and with a probability of 2^-bits if it does not.
    #[allow(dead_code)] // The build script only writes.
    pub fn contains(&self, text: &[u8]) -> bool {
        let (bucket, wanted) = fingerprint(text, self.count, self.bits);
        let bit = |bits: &[u8], at: u32| bits.get(at as usize / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        // Behind the zeros of all buckets before.
        let (mut at, mut zeros) = (0, bucket);
        for word in self.upper.chunks_exact(8) {
            let ones = word.iter().fold(0, |ones, byte| ones + byte.count_ones());
            if zeros <= 64 - ones {
                break;
            }
            zeros -= 64 - ones;
            at += 64;
        }
        while zeros > 0 {
            zeros -= !bit(self.upper, at) as u32;
            at += 1;
        }
        while bit(self.upper, at) {
            let start = (at - bucket) * self.bits;
            if (0..self.bits).all(|number| bit(self.lower, start + number) == (wanted >> number & 1 == 1)) {
                return true;
            }
            at += 1;
        }
        false
    }
}
