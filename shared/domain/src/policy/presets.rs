//! The policies that come along: `infra/policies/*.toml`, built into the program.
//!
//! They are ordinary policy files, read by the same [`load`]; a seller's own policies are rows
//! of the table. A test reads all three, so an error here means a file was changed untested.

use super::Policy;
use super::load::{self, PolicyError};

/// The presets' names, the default first.
pub const NAMES: [&str; 3] = ["webshop", "wholesale", "made_to_order"];

const WEBSHOP: &str = include_str!("../../../../infra/policies/webshop.toml");
const WHOLESALE: &str = include_str!("../../../../infra/policies/wholesale.toml");
const MADE_TO_ORDER: &str = include_str!("../../../../infra/policies/made_to_order.toml");

/// The text of the preset of that name.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    match name {
        "webshop" => Some(WEBSHOP),
        "wholesale" => Some(WHOLESALE),
        "made_to_order" => Some(MADE_TO_ORDER),
        _ => None,
    }
}

/// For shops.
///
/// # Errors
/// The mistakes in `infra/policies/webshop.toml`.
pub fn webshop() -> Result<Policy, Vec<PolicyError>> {
    load::from_toml("infra/policies/webshop.toml", WEBSHOP)
}

/// For suppliers of other businesses.
///
/// # Errors
/// The mistakes in `infra/policies/wholesale.toml`.
pub fn wholesale() -> Result<Policy, Vec<PolicyError>> {
    load::from_toml("infra/policies/wholesale.toml", WHOLESALE)
}

/// For production to order.
///
/// # Errors
/// The mistakes in `infra/policies/made_to_order.toml`.
pub fn made_to_order() -> Result<Policy, Vec<PolicyError>> {
    load::from_toml("infra/policies/made_to_order.toml", MADE_TO_ORDER)
}

/// All of them, in the order of [`NAMES`].
///
/// # Errors
/// The mistakes in all their files.
pub fn all() -> Result<Vec<Policy>, Vec<PolicyError>> {
    let mut policies = Vec::new();
    let mut errors = Vec::new();
    for read in [webshop(), wholesale(), made_to_order()] {
        match read {
            Ok(policy) => policies.push(policy),
            Err(mistakes) => errors.extend(mistakes),
        }
    }
    if errors.is_empty() { Ok(policies) } else { Err(errors) }
}

/// Compares a text with a file of `infra/policies`; `UPDATE_GRIDS=1` writes the file instead.
#[cfg(test)]
pub(crate) fn assert_beside(file: &str, text: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policies");
    let path = std::path::Path::new(folder).join(file);
    if std::env::var_os("UPDATE_GRIDS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "infra/policies/{file} is out of date: run `UPDATE_GRIDS=1 cargo test -p ordermill-domain \
         policy` and review the change"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_loads_without_a_mistake_under_its_own_name() {
        let policies = all().unwrap_or_else(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"))
        });
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(names, NAMES);
        assert_eq!(text("retail"), None);
    }

    #[test]
    fn every_status_of_every_preset_is_labelled_in_the_four_languages() {
        for policy in all().unwrap() {
            for (key, status) in &policy.statuses {
                let languages: Vec<&str> = status.label.keys().map(String::as_str).collect();
                assert_eq!(languages, ["en", "lt", "ro", "ru"], "{} {key}", policy.name);
            }
        }
    }
}
