//! SHA-256 (FIPS 180-4): every warehouse has it, too, so anybody can compute the id of a founder, and check a pseudonym.

/// The first 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

/// The digest of all `parts`, one after the other, as eight big-endian words.
pub(crate) fn digest(parts: &[&[u8]]) -> [u32; 8] {
    let mut state = START;
    let mut block = [0; 64];
    let mut length = 0;
    for &byte in parts.iter().copied().flatten() {
        block[length % 64] = byte;
        length += 1;
        if length % 64 == 0 {
            compress(&mut state, &block);
        }
    }
    // A one, zeros up to the last eight bytes of a block, and there the length in bits.
    let mut at = length % 64;
    block[at] = 0x80;
    while at != 55 {
        at += 1;
        if at == 64 {
            compress(&mut state, &block);
            at = 0;
        }
        block[at] = 0;
    }
    block[56..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    compress(&mut state, &block);
    state
}

/// The bytes of a digest.
pub(crate) fn bytes(digest: [u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(4).zip(digest) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

#[inline(never)]
fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut schedule = [0u32; 64];
    for (word, bytes) in schedule.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for at in 16..64 {
        let (early, late) = (schedule[at - 15], schedule[at - 2]);
        let early = early.rotate_right(7) ^ early.rotate_right(18) ^ early >> 3;
        let late = late.rotate_right(17) ^ late.rotate_right(19) ^ late >> 10;
        schedule[at] = schedule[at - 16].wrapping_add(early).wrapping_add(schedule[at - 7]).wrapping_add(late);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (&word, &constant) in schedule.iter().zip(&ROUNDS) {
        let mixed = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let one = h.wrapping_add(mixed).wrapping_add(e & f ^ !e & g).wrapping_add(constant).wrapping_add(word);
        let mixed = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let two = mixed.wrapping_add(a & b ^ a & c ^ b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
    }
    for (word, added) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(added);
    }
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn digests_are_those_of_the_standard() {
        // NIST's examples for SHA-256: one block, two blocks, and no bytes.
        assert_eq!(digest(&[b"ab", b"", b"c"])[..4], [0xba78_16bf, 0x8f01_cfea, 0x4141_40de, 0x5dae_2223]);
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(digest(&[long])[..4], [0x248d_6a61, 0xd206_38b8, 0xe5c0_2693, 0x0c3e_6039]);
        assert_eq!(digest(&[])[..4], [0xe3b0_c442, 0x98fc_1c14, 0x9afb_f4c8, 0x996f_b924]);
    }
}
