//! Lower case, code point by code point, exactly as DuckDB 1.5 and 2.0 have it: Unicode's simple mapping, without
//! locale or context, so that a text keeps its number of code points.

/// Runs of code points that are not ASCII and move by the same distance, in ascending order. Each run is three numbers
/// in groups of seven bits, lowest first: the distance from the end of the run before; twice the number of code points,
/// plus one where only every other one moves; the way to their lower case, zigzag-coded. Read off `lower(chr(i))` in
/// DuckDB.
static TABLE: [u8; 665] = [
    192, 1, 46, 64, 1, 14, 64, 33, 49, 2, 1, 2, 141, 3, 1, 7, 2, 2, 17, 2, 2, 47, 2, 1, 2, 241, 1, 0, 7, 2, 3, 2, 164,
    3, 0, 5, 2, 1, 2, 156, 3, 0, 2, 2, 1, 4, 154, 3, 0, 2, 2, 2, 2, 158, 1, 0, 2, 148, 3, 0, 2, 150, 3, 0, 2, 2, 1, 2,
    154, 3, 0, 2, 158, 3, 1, 2, 166, 3, 0, 2, 162, 3, 0, 2, 2, 3, 2, 166, 3, 0, 2, 170, 3, 1, 2, 172, 3, 0, 7, 2, 1, 2,
    180, 3, 0, 2, 2, 1, 2, 180, 3, 2, 2, 2, 1, 2, 180, 3, 0, 2, 2, 1, 4, 178, 3, 0, 5, 2, 1, 2, 182, 3, 0, 2, 2, 3, 2,
    2, 7, 2, 4, 0, 2, 2, 1, 2, 4, 0, 2, 2, 1, 2, 4, 0, 19, 2, 2, 19, 2, 2, 2, 4, 0, 5, 2, 1, 2, 193, 1, 0, 2, 111, 0,
    41, 2, 1, 2, 131, 2, 1, 19, 2, 7, 2, 214, 168, 1, 0, 2, 2, 1, 2, 197, 2, 0, 2, 208, 168, 1, 2, 2, 2, 1, 2, 133, 3,
    0, 2, 138, 1, 0, 2, 142, 1, 0, 11, 2, 161, 2, 5, 2, 3, 2, 2, 8, 2, 232, 1, 6, 2, 76, 1, 6, 74, 1, 2, 128, 1, 1, 4,
    126, 1, 34, 64, 1, 18, 64, 35, 2, 16, 8, 25, 2, 5, 2, 119, 2, 2, 2, 1, 2, 13, 0, 2, 2, 2, 6, 131, 2, 0, 32, 160, 1,
    0, 64, 64, 48, 35, 2, 9, 55, 2, 1, 2, 30, 0, 15, 2, 2, 97, 2, 2, 76, 96, 201, 22, 76, 192, 113, 1, 2, 192, 113, 5,
    2, 192, 113, 210, 5, 160, 1, 160, 223, 4, 0, 12, 16, 154, 17, 86, 255, 46, 2, 6, 255, 46, 192, 2, 151, 1, 2, 9, 2,
    253, 118, 1, 97, 2, 9, 16, 15, 8, 12, 15, 10, 16, 15, 8, 16, 15, 8, 12, 15, 11, 9, 15, 8, 16, 15, 24, 16, 15, 8,
    16, 15, 8, 16, 15, 8, 4, 15, 0, 4, 147, 1, 0, 2, 17, 11, 8, 171, 1, 0, 2, 17, 11, 4, 15, 0, 4, 199, 1, 12, 4, 15,
    0, 4, 223, 1, 0, 2, 13, 11, 4, 255, 1, 0, 4, 251, 1, 0, 2, 17, 169, 2, 2, 185, 117, 3, 2, 253, 130, 1, 0, 2, 139,
    129, 1, 6, 2, 56, 45, 32, 32, 19, 2, 2, 178, 6, 52, 52, 176, 14, 96, 96, 48, 2, 2, 1, 2, 237, 167, 1, 0, 2, 203,
    59, 0, 2, 205, 167, 1, 2, 7, 2, 1, 2, 183, 168, 1, 0, 2, 249, 167, 1, 0, 2, 189, 168, 1, 0, 2, 187, 168, 1, 1, 2,
    2, 2, 2, 2, 8, 4, 253, 168, 1, 0, 101, 2, 8, 5, 2, 4, 2, 2, 205, 242, 1, 47, 2, 19, 29, 2, 135, 1, 15, 2, 3, 63, 2,
    10, 5, 2, 1, 2, 135, 168, 4, 0, 11, 2, 4, 2, 2, 1, 2, 207, 148, 5, 2, 5, 2, 3, 21, 2, 1, 2, 135, 149, 5, 0, 2, 157,
    149, 5, 0, 2, 149, 149, 5, 0, 2, 129, 149, 5, 0, 2, 135, 149, 5, 1, 2, 163, 148, 5, 0, 2, 211, 148, 5, 0, 2, 169,
    148, 5, 0, 2, 192, 14, 0, 17, 2, 1, 2, 95, 0, 2, 133, 149, 5, 0, 2, 239, 168, 4, 0, 5, 2, 6, 2, 2, 5, 5, 2, 28, 2,
    2, 171, 174, 1, 52, 64, 197, 9, 80, 80, 136, 1, 72, 80, 156, 1, 2, 78, 0, 20, 78, 1, 30, 78, 1, 14, 78, 1, 4, 78,
    234, 13, 102, 128, 1, 237, 23, 64, 64, 128, 171, 1, 64, 64, 160, 245, 1, 68, 68,
];

/// The lower case of a code point; itself where it has none.
pub(crate) fn lower(point: u32) -> u32 {
    if point < 0x80 {
        return point | ((point.wrapping_sub(0x41) < 26) as u32) << 5;
    }
    let mut bytes = TABLE.iter();
    let mut number = || {
        let (mut value, mut shift) = (0, 0);
        for &byte in bytes.by_ref() {
            value |= (byte as u32 & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        value
    };
    let mut start = 0;
    loop {
        start += number();
        let (count, way) = (number(), number());
        // Nothing is left, or the run begins beyond.
        if count == 0 || point < start {
            return point;
        }
        let every_other = count & 1;
        let end = start + ((count >> 1) << every_other) - every_other;
        if point < end {
            let moves = (point - start) & every_other == 0;
            let distance = (way >> 1) ^ (way & 1).wrapping_neg();
            return if moves { point.wrapping_add(distance) } else { point };
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::lower;

    /// Beyond the first two planes no code point has a lower case.
    const PLANES: u32 = 0x20000;

    #[test]
    fn lower_case_is_the_standard_librarys_where_that_is_one_code_point() {
        let mut different = 0;
        for point in (0..PLANES).filter_map(char::from_u32) {
            let mut theirs = point.to_lowercase();
            let single = theirs.next().filter(|_| theirs.next().is_none());
            different += single.is_some_and(|theirs| theirs as u32 != lower(point as u32)) as u32;
        }
        // What versions of Unicode later than DuckDB's added.
        assert!(different < 100, "{different}");
        assert_eq!(lower('\u{130}' as u32), 'i' as u32);
    }

    #[test]
    fn lower_case_of_lower_case_is_itself() {
        assert!((0..PLANES).all(|point| lower(lower(point)) == lower(point)));
    }
}
