//! Local parts of addresses that several people read, or nobody.

use super::without_tag;

/// RFC 2142's mailboxes and what else stands on contact pages: of teams, of everybody, of machines. Without dots, hyphens
/// and underscores, which the names are compared without.
const ROLES: &str = " abuse accounting accounts accountspayable accountsreceivable admin administration administrator \
     alert alerts all ap ar billing board bookings business calendar careers commercial compliance contact \
     contactus cto customercare customerservice customersuccess customersupport data dev developers devops dns donotreply \
     dpo ecommerce editor email engineering enquiries enquiry events everyone export facturacion faq feedback finance ftp \
     gdpr general hello help helpdesk hi hola hostmaster hr info infos information inquiries inquiry invest investors \
     invoice invoices it itsupport jobs kontakt legal list listrequest mail mailbox mailerdaemon management marketing \
     media members newbusiness news newsletter noc nobody noreply notification notifications office operations ops order \
     orders partner partners partnerships payments payroll people postmaster pr press privacy procurement purchasing \
     recruiting recruitment registrar reception remove returns reservations root rsvp sales school secretary security \
     service services shop social spam staff subscribe support sysadmin system team tech techsupport test training \
     unsubscribe usenet uucp vendas ventas verwaltung webmaster welcome www ";

/// Whether a local part, normalised, names a role and no person: `info`, `no-reply`, `sales+eu`.
#[inline(never)]
pub(crate) fn is_role(local: &[u8]) -> bool {
    let plain = || without_tag(local).iter().filter(|byte| !b".-_".contains(byte));
    ROLES.as_bytes().split(|&byte| byte == b' ').any(|role| !role.is_empty() && role.iter().eq(plain()))
}
