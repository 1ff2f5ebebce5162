//! Secrets of deployed functions, fetched once when a function starts.
//!
//! `ORDERMILL_SECRETS` names secrets of Secrets Manager; each is a JSON object whose members are
//! named like the settings they fill (`ORDERMILL_STRIPE_WEBHOOK_SECRET`, …). So no secret stands in
//! a function's environment, and a function can read just those that it is told of and allowed to.

use crate::Config;
use crate::error::{Failure, StepResult, why};
use std::collections::BTreeMap;

/// Fills the settings from the secrets that they name.
///
/// # Errors
/// A secret cannot be read, or is no JSON object of settings: the function does not start.
pub async fn fill(config: &mut Config, client: &aws_sdk_secretsmanager::Client) -> StepResult<()> {
    for name in config.secrets.clone() {
        let answer = client.get_secret_value().secret_id(&name).send().await;
        let answer = answer.map_err(|error| {
            Failure::retryable(format!("the secret {name} cannot be read: {}", why(&error)))
        })?;
        take(config, &name, answer.secret_string().unwrap_or_default())?;
    }
    Ok(())
}

fn take(config: &mut Config, name: &str, text: &str) -> StepResult<()> {
    let members: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| {
        // Not the reason: it might quote the secret.
        Failure::permanent(format!("the secret {name} is no JSON object of texts"))
    })?;
    for (setting, value) in members {
        if !config.take_secret(&setting, &value) {
            let what = format!("the secret {name} has a member {setting}, which is no setting");
            return Err(Failure::permanent(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_fills_the_settings_it_names_and_no_others() {
        let mut config = Config::from_environment();
        let before = config.signing_secret.clone();
        let text =
            r#"{"ORDERMILL_STRIPE_WEBHOOK_SECRET":"new, old","ORDERMILL_SIGNING_SECRET":""}"#;
        assert!(take(&mut config, "s", text).is_ok());
        assert_eq!(config.stripe_secrets, ["new", "old"]);
        assert_eq!(config.signing_secret, before);
        assert!(config.signing_secret.len() > 64);
        assert!(take(&mut config, "s", r#"{"ORDERMILL_TABLE":"x"}"#).is_err());
        let error = take(&mut config, "s", "whsec_plain").map_err(|error| error.to_string());
        assert_eq!(error, Err("the secret s is no JSON object of texts".to_owned()));
    }
}
