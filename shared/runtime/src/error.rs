//! Errors of a step, by who is at fault (`DESIGN.md`, "Errors").

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use ordermill_table::TableError;

/// Why a step did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The surroundings: it goes back to the queue and is tried again.
    #[error("{0}")]
    Retryable(String),
    /// The message: trying again cannot help; a person looks at the dead letters.
    #[error("{0}")]
    Permanent(String),
}

impl Failure {
    /// The surroundings are at fault.
    #[must_use]
    pub fn retryable(what: impl Into<String>) -> Self {
        Self::Retryable(what.into())
    }

    /// The message is at fault.
    #[must_use]
    pub fn permanent(what: impl Into<String>) -> Self {
        Self::Permanent(what.into())
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Moved
            | TableError::Cancelled(_)
            | TableError::Unavailable(_)
            | TableError::Unclear(_) => Self::Retryable(error.to_string()),
            // A row of ours that cannot be read is no fault of the message: nothing is thrown away.
            TableError::Broken(_) => Self::Retryable(error.to_string()),
        }
    }
}

/// Why a request to a service failed, for the log: the service's own code, or what kept the request
/// from it. Never its message, which may quote what was sent.
pub fn why<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error.as_service_error() {
        Some(service) => service.code().unwrap_or("unknown").to_owned(),
        None => error.to_string(),
    }
}

/// The result of a step.
pub type StepResult<T> = Result<T, Failure>;
