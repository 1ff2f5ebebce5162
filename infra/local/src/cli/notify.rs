//! `ordermill notify`: what messages look like, without sending any.

use crate::cli::{Data, say};
use crate::error::{LocalError, LocalResult};
use clap::{Subcommand, ValueEnum};
use ordermill_notify::render::{Encoding, Locale, Preview, Template, preview};
use ordermill_table::records::Settings;
use std::process::ExitCode;

/// What is done with messages.
#[derive(Subcommand, Debug)]
pub enum NotifyCommand {
    /// Print a message as its reader would get it, about an invented order. Seller, colour and
    /// sender are those of the settings in --data, where there are any.
    Preview {
        /// Name of the template, like payment_request; without one all are listed.
        template: Option<String>,
        /// The reader's language: en, lt, ro or ru; the seller's where nothing is said.
        #[arg(long, value_name = "LOCALE")]
        locale: Option<String>,
        /// What is printed.
        #[arg(long, value_enum, default_value_t = Part::All)]
        part: Part,
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
}

/// A part of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Part {
    /// Subject, text and SMS, for reading.
    All,
    /// The plain text alone.
    Text,
    /// The HTML alone, for a file and a browser.
    Html,
    /// The text message alone.
    Sms,
}

/// Runs it.
///
/// # Errors
/// There is no such template or language, or the data cannot be read.
pub async fn notify(command: NotifyCommand) -> LocalResult<ExitCode> {
    let NotifyCommand::Preview { template, locale, part, data } = command;
    let Some(name) = template else {
        Template::ALL.iter().for_each(|template| say!("{}", template.name()));
        return Ok(ExitCode::SUCCESS);
    };
    let unknown = || {
        let names: Vec<&str> = Template::ALL.iter().map(|template| template.name()).collect();
        LocalError::refused(format!("there is no template {name}; there are {}", names.join(", ")))
    };
    let template = Template::from_name(&name).ok_or_else(unknown)?;
    let settings = settings(&data).await?;
    let locale = locale.unwrap_or_else(|| settings.locale.clone());
    if !Locale::ALL.iter().any(|known| locale.split(['-', '_']).next() == Some(known.code())) {
        let codes = Locale::ALL.map(Locale::code).join(", ");
        return Err(LocalError::refused(format!("no messages are written in {locale}: {codes}")));
    }
    print(&preview(template, &settings.clone().into(), &locale), &settings, part);
    Ok(ExitCode::SUCCESS)
}

/// The settings of the data, or the usual ones where there are no data.
async fn settings(data: &Data) -> LocalResult<Settings> {
    if !data.data.is_dir() {
        return Ok(Settings::default());
    }
    Ok(data.open().await?.runtime.table.settings().await?)
}

fn print(preview: &Preview, settings: &Settings, part: Part) {
    let message = &preview.rendered;
    match part {
        Part::Text => say!("{}", message.text.trim_end()),
        Part::Html => say!("{}", message.html),
        Part::Sms => say!("{}", message.sms),
        Part::All => {
            let segments = preview.segments;
            let encoding = match segments.encoding {
                Encoding::Gsm7 => "GSM-7",
                Encoding::Ucs2 => "UCS-2",
            };
            say!("From: {} <{}>", settings.name, settings.sender);
            say!("Subject: {}\n\n{}", message.subject, message.text.trim_end());
            say!(
                "\nSMS ({encoding}, {} units, {} to pay):\n{}",
                segments.units,
                segments.segments,
                message.sms
            );
        }
    }
}
