//! Errors of the table, by who is at fault (`DESIGN.md`, "Errors"). SDK errors are classified
//! here and nowhere else, by their kind and never by their text.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What went wrong at the table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A condition did not hold: somebody else was there first. Read again and decide again.
    #[error("the row has changed since it was read")]
    Moved,
    /// A transaction was cancelled; for each action whether it was the reason.
    #[error("the transaction was cancelled")]
    Cancelled(Vec<ActionFate>),
    /// The surroundings: throttled, timed out, unreachable, access denied. Try again later.
    #[error("the table cannot be reached: {0}")]
    Unavailable(String),
    /// Whether it was written is not known. Read again.
    #[error("no clear answer came: {0}")]
    Unclear(String),
    /// A row cannot be read, or a request was refused as malformed: a mistake of ours.
    #[error("{0}")]
    Broken(String),
}

/// What became of one action of a cancelled transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionFate {
    /// It was not the reason.
    Fine,
    /// Its condition did not hold.
    ConditionFailed,
    /// Another transaction was on the same row.
    Conflict,
    /// Throttled, or anything else that passes.
    Passing,
}

impl TableError {
    /// Whether trying again, unchanged and later, can help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unclear(_) => true,
            Self::Cancelled(fates) => {
                fates.iter().all(|fate| !matches!(fate, ActionFate::ConditionFailed))
            }
            Self::Moved | Self::Broken(_) => false,
        }
    }

    /// A row that cannot be read.
    #[must_use]
    pub fn broken(what: &str) -> Self {
        Self::Broken(what.to_owned())
    }
}

/// Classifies an SDK error.
pub(crate) fn classify<E, R>(error: SdkError<E, R>) -> TableError
where
    E: ProvideErrorMetadata,
    R: std::fmt::Debug,
{
    match &error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("unknown");
            match code {
                "ConditionalCheckFailedException" => TableError::Moved,
                "ValidationException" | "SerializationException" => TableError::Broken(format!(
                    "{code}: {}",
                    service.err().message().unwrap_or_default()
                )),
                _ => TableError::Unavailable(code.to_owned()),
            }
        }
        SdkError::TimeoutError(_) => TableError::Unclear("time-out".to_owned()),
        SdkError::DispatchFailure(_) => TableError::Unclear("no connection".to_owned()),
        SdkError::ResponseError(_) => TableError::Unclear("unreadable answer".to_owned()),
        SdkError::ConstructionFailure(_) => {
            TableError::Broken("the request could not be built".to_owned())
        }
        _ => TableError::Unclear("unknown".to_owned()),
    }
}
