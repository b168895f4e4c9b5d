//! Decimal digits of whole numbers; `core::fmt` would cost a module 7 KB.

/// The digits of `value`, at the end of `buffer`.
///
/// ```
/// assert_eq!(plg_udfs::digits::digits(1_024, &mut [0; 20]), b"1024");
/// ```
pub fn digits(mut value: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut first = buffer.len();
    loop {
        first -= 1;
        buffer[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return &buffer[first..];
        }
    }
}

/// Appends the digits of `value`.
pub fn push_integer(text: &mut alloc::string::String, value: u64) {
    text.extend(digits(value, &mut [0; 20]).iter().map(|&digit| digit as char));
}
