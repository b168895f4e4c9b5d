//! Lists of names in the scoring model, such as the roles that are admins.

use crate::Result;
use crate::strings::Strings;
use crate::tape::Object;

/// Reads the names that a field of the scoring model lists, each once, or `defaults` where it is absent.
#[inline(never)]
pub(crate) fn read(object: &Object<'_, '_>, field: &str, defaults: &[&str]) -> Result<Strings> {
    if object.get(field).is_none() {
        return Ok(these(defaults));
    }
    let mut names = Strings::default();
    object.each(field, |value, place| {
        let Some(name) = value.text() else { return place.refuse("must be a text") };
        if names.position(name).is_some() {
            place.refuse("is listed twice")?;
        }
        names.add(name);
        Ok(())
    })?;
    Ok(names)
}

/// These names.
pub(crate) fn these(defaults: &[&str]) -> Strings {
    let mut names = Strings::default();
    defaults.iter().for_each(|name| {
        names.add(name.as_bytes());
    });
    names
}
