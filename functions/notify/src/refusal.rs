//! Whose fault it is that a provider refuses a message. Only an address that does not work is held
//! against it, and so against the customer: a domain that nobody has verified yet, an account that
//! may not send, or a message of ours that nobody would take, is not.
//!
//! Both services use one error for several of these, so their text is read; what it says is in
//! "Amazon SES email sending errors" (SES) and in the answers to `Publish` (SNS). A text that is not
//! known counts as the message's fault: staff see it, and nothing is remembered.

use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sns::operation::publish::PublishError;
use ordermill_runtime::notices::{Meaning, Outcome};

/// What the provider says against a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The address does not work, now or later.
    Address,
    /// This message is not taken, now or later; another one to the same address may be.
    Message,
    /// The installation may not send: somebody must set something right, and then it goes out.
    Installation,
}

/// The message's end where the address is at fault.
const REFUSED: &str = "refused";
/// The message's end where we are.
const UNSENDABLE: &str = "unsendable";

impl Refusal {
    /// What becomes of a message that was refused so for good.
    pub fn outcome(self) -> Outcome {
        let (code, meaning) = match self {
            Self::Address => (REFUSED, Meaning::AddressFails),
            Self::Message | Self::Installation => (UNSENDABLE, Meaning::MessageFails),
        };
        Outcome { code: code.to_owned(), meaning }
    }

    /// The same from the message's row, where its sender died before it could say so.
    pub fn noted(code: Option<&str>) -> Self {
        if code == Some(UNSENDABLE) { Self::Message } else { Self::Address }
    }
}

/// What SES says.
pub(crate) fn of_email(error: &SendEmailError) -> Refusal {
    let said = error.meta().message();
    // `MessageRejected` is also what an identity gets that is not verified, which in the sandbox is
    // every recipient. All others are the account's: suspended, paused, its rate, its permissions.
    if error.is_message_rejected() || error.is_bad_request_exception() {
        let ours = ["not verified", "configuration set", "account", "sandbox", "paused"];
        judged(said, &ours, &["address", "domain", "recipient", "user name"])
    } else {
        Refusal::Installation
    }
}

/// What SNS says; none where that leaves open whether the message went out, or it is for later.
pub(crate) fn of_sms(error: &PublishError) -> Option<Refusal> {
    let refused = error.is_invalid_parameter_exception()
        || error.is_invalid_parameter_value_exception()
        || error.is_endpoint_disabled_exception()
        || error.is_validation_exception();
    let ours = ["sandbox", "not verified", "origination", "sender id", "spend"];
    refused.then(|| judged(error.meta().message(), &ours, &["phonenumber", "phone number"]))
}

fn judged(said: Option<&str>, ours: &[&str], theirs: &[&str]) -> Refusal {
    let said = said.unwrap_or_default().to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if tells(ours) {
        Refusal::Installation
    } else if tells(theirs) {
        Refusal::Address
    } else {
        Refusal::Message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::types::error as ses;
    use aws_sdk_sns::types::error as sns;

    fn meta(said: &str) -> ErrorMetadata {
        ErrorMetadata::builder().message(said).build()
    }

    fn rejected(said: &str) -> SendEmailError {
        SendEmailError::MessageRejected(ses::MessageRejected::builder().meta(meta(said)).build())
    }

    fn bad(said: &str) -> SendEmailError {
        let error = ses::BadRequestException::builder().meta(meta(said)).build();
        SendEmailError::BadRequestException(error)
    }

    fn parameter(said: &str) -> PublishError {
        let error = sns::InvalidParameterException::builder().meta(meta(said)).build();
        PublishError::InvalidParameterException(error)
    }

    #[test]
    fn an_identity_nobody_has_verified_is_the_installations_fault() {
        let said = "Email address is not verified. The following identities failed the check in \
                    region EU-CENTRAL-1: ona@example.com";
        assert_eq!(of_email(&rejected(said)), Refusal::Installation);
        assert_eq!(of_email(&bad(said)), Refusal::Installation);
    }

    #[test]
    fn what_keeps_the_account_from_sending_is_the_installations_fault() {
        let errors: [SendEmailError; 6] = [
            SendEmailError::AccountSuspendedException(
                ses::AccountSuspendedException::builder().build(),
            ),
            SendEmailError::SendingPausedException(ses::SendingPausedException::builder().build()),
            SendEmailError::MailFromDomainNotVerifiedException(
                ses::MailFromDomainNotVerifiedException::builder().build(),
            ),
            SendEmailError::NotFoundException(ses::NotFoundException::builder().build()),
            SendEmailError::LimitExceededException(ses::LimitExceededException::builder().build()),
            SendEmailError::generic(ErrorMetadata::builder().code("AccessDenied").build()),
        ];
        for error in errors {
            assert_eq!(of_email(&error), Refusal::Installation, "{error:?}");
        }
        let said = "Configuration set <ordermill> does not exist.";
        assert_eq!(of_email(&bad(said)), Refusal::Installation);
    }

    #[test]
    fn an_address_that_cannot_be_written_to_is_the_addresss_own_fault() {
        for said in [
            "Missing final '@domain'",
            "Domain contains illegal character",
            "Local address contains control or whitespace",
            "Illegal address",
        ] {
            assert_eq!(of_email(&bad(said)), Refusal::Address, "{said}");
        }
        assert_eq!(of_email(&rejected("Address blacklisted.")), Refusal::Address);
        let said = "Invalid parameter: PhoneNumber Reason: +37000 is not valid to publish to";
        assert_eq!(of_sms(&parameter(said)), Some(Refusal::Address));
        assert_eq!(Refusal::Address.outcome().meaning, Meaning::AddressFails);
    }

    #[test]
    fn what_is_wrong_with_our_message_or_is_not_known_is_never_held_against_an_address() {
        for error in [bad("Invalid header name"), rejected("The content is not accepted."), bad("")]
        {
            assert_eq!(of_email(&error), Refusal::Message, "{error:?}");
        }
        let too_long = parameter("Invalid parameter: Message too long");
        assert_eq!(of_sms(&too_long), Some(Refusal::Message));
        for refusal in [Refusal::Message, Refusal::Installation] {
            assert_eq!(refusal.outcome().meaning, Meaning::MessageFails, "{refusal:?}");
        }
    }

    #[test]
    fn a_telephone_in_the_sandbox_or_a_sender_nobody_registered_is_the_installations_fault() {
        for said in [
            "Invalid parameter: PhoneNumber Reason: the number is not verified in the SMS sandbox",
            "No origination entities available to send",
        ] {
            assert_eq!(of_sms(&parameter(said)), Some(Refusal::Installation), "{said}");
        }
        let throttled = PublishError::generic(ErrorMetadata::builder().code("Throttled").build());
        assert_eq!(of_sms(&throttled), None);
    }

    #[test]
    fn a_sender_that_died_is_followed_by_one_that_says_the_same() {
        for refusal in [Refusal::Address, Refusal::Message] {
            assert_eq!(Refusal::noted(Some(refusal.outcome().code.as_str())), refusal);
        }
    }
}
